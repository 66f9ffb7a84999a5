// 城市之间、城市之上的文字：跨域转办、归并清单、归并统筹、号码归并。
const state = {
  queued: '待发送', cancelled: '未发出即收回', offered: '已转出', delivered: '已送达', signed: '已签收', accepted: '已接收', declined: '已拒收', disputed: '争议待指定', designated: '已指定', handling: '办理中',
  replied: '已答复', concluded: '已办结', called_back: '已回访', withdrawn: '已撤回', expired: '逾期视为接收',
}

export default {
  cross: {
    tab: { lanes: '转办', rules: '区域规则', aids: '话务互援' }, region: '区域', regionOf: '{names}等 {n} 市', noRegion: '还没有加入任何区域', noRegionHint: '加入区域联动后，转往外市和外市转入的诉求会出现在这里。',
    backlog: '{n} 件转办事项在本市排队等待发送，最早的从 {at} 起。本市照常受理，区域恢复后自动补发。', lane: '从 → 到', to: '转往', since: '已过', due: '时限', declines: '拒收', pending: '等待台账确认', waitsForWord: '待指定',
    signDue: '{at} 前签收', answerDue: '{at} 前接收', age: { days: '{n} 天', hours: '{n} 小时', minutes: '{n} 分钟' }, figures: '区域统计', open: '在途', over: '累计办结', disputed: '待指定', pairs: '按城市对统计（{n} 对）', states: '各状态', oldest: '最早',
    any: { origin: '所有转出市', target: '所有转入市' }, onlyLate: '只看超期', onlyDisputed: '只看待指定', empty: '没有符合条件的转办', emptyHint: '区域内有城市转办诉求时出现在这里，超期的排在最前。', direction: '方向', dir: { out: '本市转出', in: '外市转入' },
    none: { out: '没有转出的诉求', in: '没有外市转入的诉求' }, noneHint: '转办后会一直留在这里，直到办结回访。', one: '一件转办', steps: '走到哪一步', papers: '双方材料', noPapers: '还没有提交材料。', history: '台账流水', toOrder: '打开工单', state,
    now: {
      queued: '还在{origin}排队，联上区域后自动发出。', offered: '{origin}已转出，等待{target}收到。', delivered: '{target}已收到，等待签收。', signed: '{target}已签收，等待接收或拒收。', accepted: '{target}已接收，由{target}对群众负责。', declined: '{target}拒收，{origin}可以改转或提请指定。',
      disputed: '没有城市接收，等待区域协调方指定。', designated: '区域协调方已指定{target}承办。', handling: '{target}正在办理。', replied: '{target}已答复，等待办结。', concluded: '{target}已办结，等待回访。', called_back: '已回访，这件转办结束。', withdrawn: '已撤回，由{origin}办理。', expired: '{target}逾期未答，视为接收。',
    },
    step: { offered: '{origin}转出', delivered: '{target}收到', signed: '{target}签收', accepted: '{target}接收', handling: '{target}办理', replied: '{target}答复', concluded: '{target}办结', called_back: '回访群众' }, is: { done: '（已完成）', now: '（现在）', open: '（还没有）' },
    act: { offer: '转办', accept: '接收', decline: '拒收', recall: '收回', withdraw: '撤回', dispute: '提请指定', designate: '指定承办' },
    designate: '指定承办', designateTo: '指定由谁承办', basis: '依据', reasons: '理由（两市都能看到）', designateHelp: '指定后立即生效，有关城市都会收到理由。请先看完双方材料。',
    rulesNow: '区域规则（第 {n} 版）', rulesHelp: '时间写法：2h 小时，30m 分钟，15d 天，可连写如 1d 12h。保存即写入区域台账，对之后的转办生效。', rulesRead: '由区域协调方制定，对本区域各市生效。', spanWrong: '写法如 2h、30m、15d。', rulesHistory: '规则沿革', noHistory: '还没有修改过', noHistoryHint: '每次修改的人、时间和内容会记在这里。', version: '版本',
    rule: { signLeast: '签收期限至少', answerLeast: '接收或拒收期限至少', criticalSignLeast: '特急签收期限至少', criticalAnswerLeast: '特急接收期限至少', answerMost: '接收期限至多', skew: '各市时钟允许偏差', declines: '几次拒收后转争议', backlog: '台账积压上限（MiB）', verifyAtApply: '写入时逐条验签' },
    aidHelp: '突发大量来电时，请本区域其他城市的座席在约定时间内代为接听；对方转来的电话自动接收。', askAid: '请求话务互援', helper: '请哪个城市帮忙', aidFrom: '开始（北京时间）', aidTo: '结束（北京时间）', seats: '座席数', ground: '原因', aid: '互援', aidOf: '{helper}帮{asker}', aidTime: '时间', agree: '同意', disagree: '不同意', endAid: '结束互援',
    aidClosed: '请求和答复互援由督办员办理。', noAids: '没有话务互援', noAidsHint: '本市向外市、外市向本市请求互援时出现在这里。',
  },
  nat: {
    tab: { versions: '版本', drafts: '草案', compare: '比较' }, headline: '第 {n} 版，共 {entries} 条', nth: '第 {n} 版', version: '版本', inForce: '现行', toCome: '未生效', past: '历史', published: '发布时间', digest: '文件摘要', none: '还没有归并清单', noneHint: '国务院办公厅发布后出现在这里。',
    take: '导出', page: '打印页', document: '签名件', key: '签名公钥', acknowledge: '签收第 {n} 版', acknowledgedBy: '第 {n} 版已由 {who} 于 {at} 签收', number: '号码', what: '差异', expert: '设专家座席', showAll: '连同未变的一起显示', noChange: '两版没有差别。', mark: { added: '新增', changed: '修改', removed: '不在其中', same: '未变' },
    mode: { MODE_UNSPECIFIED: '未归并', SUB_CENTER: '设分中心', DUAL_NUMBER: '双号并行', WHOLE_MERGE: '整体并入' }, field: { mode: '归并方式', seq: '序号', title: '名称', authority: '责任单位', expert_seats: '专家座席', basis: '依据', effective_date: '生效日期', deadline_date: '完成期限' },
    begin: '起草下一版', pickDraft: '选择草案', draftLine: '草案 {no} 号（第 {n} 版，{standing}）', noDraft: '没有正在办理的草案', noDraftHint: '起草后在这里修改、送审、签署和发布；同一时间只办理一份。', draft: '草案', draftOf: '第 {n} 版草案（对照第 {base} 版）', authors: '起草', reviewer: '审核', editHead: '修改标题与日期', editEntry: '修改 {number}', addEntry: '新增条目', takeOut: '取消新增',
    pass: '审核结论', passed: '通过', sentBack: '退回修改', sure: '请输入版本号 {n} 确认', versionWrong: '输入的版本号不对。', signHelp: '将以国务院办公厅密钥签署第 {n} 版，{changes} 处修改。签署后不能再改。', publishHelp: '将向所有城市发布第 {n} 版，自 {at} 起生效。发布后不能撤回，只能再发新版。', dropHelp: '撤销第 {n} 版草案，{changes} 处修改都不保留。', from: '从', to: '到',
  },
}
