// 群众页面的文字：短句，大白话。
export default {
  app: { title: '12345 政务服务便民热线', city: '城市', changeCity: '换城市', large: '大字', normal: '标准字号', skip: '跳到正文', home: '首页', staff: '工作人员登录', call: '拨打 12345' },
  home: { lead: '有困难、有问题、有建议，都可以告诉我们。', file: '提交诉求', fileHint: '三步说清楚，约 3 分钟', follow: '查询进度', followHint: '用编号和查询码', emergency: '遇到危险请直接拨打 110、119、120、122。', pick: '请选择您所在的城市', narrow: '输入城市名查找', noCity: '没有这个城市，请直接拨打 12345。' },
  kind: { COMPLAINT: '投诉', HELP: '求助', CONSULT: '咨询', SUGGEST: '建议', REPORT: '举报', PRAISE: '表扬' },
  kindHint: { COMPLAINT: '对服务或管理不满意', HELP: '遇到困难要帮忙', CONSULT: '想了解政策办法', SUGGEST: '有好的主意', REPORT: '反映违法违规', PRAISE: '说一声谢谢' },
  file: {
    photoTitle: '照片 {n}', title: '提交诉求', step: '第 {n} 步，共 3 步', what: '什么事', where: '在哪里', reach: '怎么联系您', kind: '您要', words: '发生了什么，希望怎样解决', wordsHint: '比如：小区门口路灯坏了三天，晚上看不见路，希望尽快修好。', photos: '照片（可不传）',
    photosHint: '拍清楚现场；照片里的定位信息会自动去除。', addPhoto: '拍照或选择照片', remove: '去掉', district: '区县（可不填）', districtHint: '比如：西湖区', location: '具体地点（可不填）', locationHint: '路名、小区、楼号或附近标志', name: '称呼（可不填）', phone: '手机号码', phoneHint: '只用于联系您，办理单位看到的是打码号码，谁看过您可以查到。',
    confidential: '请为我保密（不让被反映的单位知道我是谁）', next: '下一步', back: '上一步', submit: '提交', sending: '正在提交…', kept: '填写的文字已保存在本机，断网、关页都不会丢；照片要重新选。', whereHint: '说清地点，办理单位去得更快；与地点无关的事可以直接点下一步。', short: '请再多写几个字（至少 5 个字）。', needKind: '请选一项。', needPhone: '请填写手机号码，方便办理单位联系您。',
  },
  done: { title: '已收到您的诉求', number: '编号', code: '查询码', keep: '请记下编号和查询码，查询进度时要用。查询码只显示这一次。', copy: '复制', copied: '已复制', print: '打印', follow: '查看进度', files: '照片已上传 {n} 张', failed: '有 {n} 张照片没有传上去，可以在进度页再传。' },
  follow: {
    title: '查询进度', number: '24 位编号', code: '查询码', find: '查询', received: '{at} 收到，已过{elapsed}', steps: '办理经过', answer: '答复', question: '办理单位想请您补充：', acts: '您可以', viewers: '谁看过我的信息', noViewers: '还没有工作人员查看过您的完整信息。',
    viewersHint: '工作人员平时看到的是打码信息，要看完整信息必须说明理由。', another: '查另一件', mine: '您留下的信息', closed: '这件诉求已经结束。',
  },
  act: {
    add: '补充情况', addFile: '补充照片或材料', correct: '更正联系方式或地点', urge: '催一催', withdraw: '撤回诉求', contest: '对不予受理有异议', appeal: '对认定提出申诉', addHint: '要补充什么', contestHint: '请说明理由', appealHint: '请说明理由', correctPhone: '新的手机号码', correctEmail: '新的邮箱', correctLocation: '更正后的地点',
    urgeSure: '我们会把您的催办记下来，经办的人都能看到。', withdrawSure: '撤回后不再办理。确定要撤回吗？', send: '确定', cancel: '取消', done: '已收到', pickFile: '选择文件',
  },
  rate: { title: '请您评价', result: '对办理结果', attitude: '对办理态度', words: '想说的话（可不填）', send: '提交评价', thanks: '谢谢您', grades: { VERY_SATISFIED: '非常满意', SATISFIED: '满意', FAIRLY_SATISFIED: '基本满意', DISSATISFIED: '不满意', VERY_DISSATISFIED: '非常不满意' }, hint: '链接只能评价一次。' },
  state: { again: '再试一次', loading: '正在读取…', offline: '网络不通。您填写的内容还在，网络恢复后再点一次就行。', failed: '没有办成，请稍后再试。您填写的内容还在。', trace: '追踪号', gone: '没有这个页面' },
  time: { weekdays: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'] },
  register: { title: '本市热线号码', lead: '哪些号码还在用、哪些已并入 12345，打过去会听到什么，都在这里。', find: '查号码、名称或单位', none: '没有这样的号码，有事请拨打 12345。', pick: '请先选择城市', again: '再试一次', changed: '{at} 变更', changes: '最近变更', print: '打印页', version: '依据国家归并清单第 {n} 版', link: '热线号码一览', linkHint: '哪些号码已并入 12345' },
}
