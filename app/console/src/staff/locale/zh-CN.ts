// 工作台的文字。服务端说的话（理由、操作名称、时限）不在这里。
import cities from './cities.zh-CN'

const disposition = {
  DISPOSITION_UNSPECIFIED: '', IN_SCOPE: '受理派单', ANSWERED_ON_SPOT: '当场答复', EMERGENCY_TRANSFER: '转紧急平台', LEGAL_CHANNEL: '告知法定途径',
  EXPLAIN_DECLINE: '解释说明', POLICE_REFERRAL: '移送公安', CROSS_CITY: '跨市转办',
}
const conclusion = {
  CONCLUSION_UNSPECIFIED: '', SOLVED: '已解决', PARTLY_SOLVED: '部分解决', EXPLAINED: '解释说明', TO_LEGAL_PROCEDURE: '转法定程序', UNFOUNDED: '诉求不实',
  UNREASONABLE: '不合理诉求', BEYOND_DUTY: '超职责范围', UNREACHABLE: '联系不上', WITHDRAWN_BY_CITIZEN: '撤单', MERGED_AWAY: '并单',
}
const grade = {
  GRADE_UNSPECIFIED: '未评', VERY_SATISFIED: '非常满意', SATISFIED: '满意', FAIRLY_SATISFIED: '基本满意', DISSATISFIED: '不满意', VERY_DISSATISFIED: '非常不满意',
}

export default {
  app: { title: '政务服务便民热线' },
  login: { login: '账号', password: '口令', place: '任职城市', enter: '登录', citizen: '我是群众，去提交或查询诉求', again: '登录已到期', safe: '请再输入一次口令。页面上已填的内容都在，登录后接着做。', other: '换人登录' },
  frame: { skip: '跳到正文', menu: '菜单', search: '工单编号、来电号码、页面', logout: '退出', rooms: '工作台' },
  room: {
    intake: '受理登记', search: '来电查询', applications: '申请与裁决', clusters: '聚集预警', people: '人员与授权', units: '承办单位', categories: '诉求分类',
    catalogue: '派单目录', rules: '城市规则', privacy: '隐私矩阵', readings: '查看留痕', records: '管理留痕', overdue: '超期分布',
    transfers: '跨域转办', list: '归并清单', progress: '归并统筹', numbers: '号码归并', board: '看板',
  },
  state: {
    loading: '正在读取…', failed: '没有办成', failedSafe: '系统出了问题，您填写的内容没有丢失，请稍后再试。', gone: '没有找到', offline: '网络不通，连不上服务器。',
    offlineSafe: '您填写的内容保存在本机，网络恢复后可以再次提交，不会重复。', trace: '追踪号',
  },
  do: {
    again: '再试一次', cancel: '取消', back: '返回列表', copy: '复制编号', copied: '已复制', print: '打印', more: '再看一些', save: '保存', saved: '已保存', edit: '修改',
    narrow: '在本页筛选', sending: '正在提交…', release: '放回公共池',
  },
  time: { today: '今天', tomorrow: '明天', yesterday: '昨天', weekdays: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'] },
  group: { overdue: '已超期', today: '今天到期', tomorrow: '明天到期', week: '本周到期', later: '之后到期', none: '没有时限' },
  pressure: { fine: '正常', soon: '临期', late: '超期', held: '暂停', none: '' },
  mark: {
    confidential: '保密', supervised: '督办', hard: '疑难', adjudicating: '裁决中', locked: '已锁定', unreasonable: '不合理', clustered: '聚集', suspicious: '评价异常',
    repeated: '重复', awaitingTransfer: '待跨市', returns: '退单', reworks: '返工', urges: '催办', escalations: '提级',
  },
  orderState: {
    STATE_UNSPECIFIED: '', RECEIVED: '待派单', DISPATCHED: '待签收', HANDLING: '办理中', REPLIED: '待审核', CONCLUDED: '待回访', CLOSED: '已归档', ANSWERED: '已直接答复',
    REDIRECTED: '已转告', WITHDRAWN: '已撤回', SUSPENDED: '挂账', MERGED: '已并单', TRANSFERRING: '转办待接收', TRANSFERRED: '外市办理', OFFERED: '外市转入待接收', DECLINED: '已拒收',
  },
  kind: { KIND_UNSPECIFIED: '', CONSULT: '咨询', HELP: '求助', COMPLAINT: '投诉', REPORT: '举报', SUGGEST: '意见建议', PRAISE: '表扬' },
  urgency: { URGENCY_UNSPECIFIED: '', CRITICAL: '特急', URGENT: '紧急', NORMAL: '一般', COMPLEX: '复杂' },
  channel: { CHANNEL_UNSPECIFIED: '', PHONE: '电话', WEB: '网站', WECHAT: '微信', APP: '移动端', EMAIL: '电子邮件', WALK_IN: '窗口走访', TRANSFER_110: '110 转来', CITY_TRANSFER: '外市转来' },
  disposition,
  conclusion,
  grade,
  verdict: { passed: '审核通过', failed: '退回返工' },
  role: {
    agent: '话务员', dispatcher: '派单员', reviewer: '审核员', adjudicator: '裁决员', handler: '承办人', unit_lead: '单位负责人', expert: '专家座席', callback_agent: '回访员',
    supervisor: '督办员', knowledge_editor: '知识编辑', knowledge_reviewer: '知识审核', quality_inspector: '质检员', city_admin: '城市管理员', auditor: '审计员',
    regional_coordinator: '区域协调员', central_admin: '国办管理员', province_admin: '省级管理员', ministry_officer: '部委联络员', citizen: '群众', machine: '部门系统', platform: '平台',
  },
  queue: {
    notYours: '您的岗位没有这个队列',
    title: {
      dispatch: '待派单', sign: '待签收', handle: '办理中', review: '待审核', callback: '待回访', held: '我领取的', adjudicate: '待裁决', overdue: '超期', warned: '临期',
      supervised: '督办', hard: '疑难', suspended: '挂账', clustered: '聚集工单', suspicious: '评价异常', all: '全部工单',
    },
    empty: {
      dispatch: '没有待派单的工单', sign: '没有待签收的工单', handle: '没有正在办理的工单', review: '没有待审核的答复', callback: '没有待回访的工单', held: '您手上没有领取的工单',
      adjudicate: '没有待裁决的工单', overdue: '没有超期的工单', warned: '没有临期的工单', supervised: '没有督办的工单', hard: '没有疑难工单', suspended: '没有挂账的工单',
      clustered: '没有聚集预警', suspicious: '没有评价异常', all: '没有符合条件的工单',
    },
    hint: '有新的工单时会出现在这里，最急的排在最前。', elsewhere: '您还有：', take: '领取一件', emptyPool: '公共池里没有等待领取的工单。', filter: '筛选', anyKind: '所有类型', anyUrgency: '所有紧急程度',
    anyDistrict: '所有区县', anyCategory: '所有分类', anyState: '所有状态', choose: '选择工单 {n}', end: '共 {n} 件，没有更多了', pick: '请选择一件工单', pickHint: '按 J、K 上下移动，按 Enter 打开，按 ? 查看全部快捷键。',
  },
  bulk: { title: '批量派单', preview: '按首条建议派出 {n} 件，请先核对：', run: '确认派出', sent: '已派出', noSuggestion: '目录里没有对应的单位，请单独派单' },
  order: {
    holder: '{who} 已领取', changed: '刚刚有人更新了这件工单。', showNew: '查看最新', present: '{who} 也在查看', units: '办理单位', related: '相关工单', mainOrder: '并入主单', repeatOf: '重复于', mergedIn: '并入件',
    wants: '诉求', words: '诉求原文', brief: '派单内容', body: '工单正文', location: '地点', petitioner: '诉求人', received: '{at} 由{channel}受理，已过{elapsed}', replyOf: '{unit}的答复',
    round: '第 {n} 次', applications: '申请与裁决', handOffs: '紧急联动', handedBack: '已退回：', callbacks: '回访与评价', attempt: '第 {round} 轮第 {n} 次', rated: '群众评价',
  },
  person: { name: '姓名', phone: '电话', idNumber: '证件号', address: '住址', email: '邮箱', anonymous: '匿名' },
  personal: {
    hidden: '（隐藏）', ask: '查看明文', askAll: '全部查看明文', clear: '明文，已留痕', logged: '您查看了明文，已记入查看留痕，诉求人可以看到。', title: '查看明文',
    explain: '将限时显示并记入留痕，诉求人可以查到谁看过、为什么看。要查看：', reason: '查看理由', show: '查看', until: '明文显示到 {at}',
  },
  personalField: {
    petitioner_name: '姓名', petitioner_phone: '电话', petitioner_id_number: '证件号', petitioner_address: '住址', petitioner_email: '邮箱', words: '诉求原文', body: '工单正文',
    location: '地点', brief: '派单内容', evidence: '证据', attachment: '附件',
  },
  situation: { list: '列表', search: '查询', detail: '详情', history: '流转记录', print: '打印', export: '导出', notify: '通知', callback: '回访', emergency: '紧急联动', share: '共享', reveal: '查看明文', attachment: '查看附件', call: '通话' },
  clock: { title: '时限', start: '开始：{at}', span: '时限：{span}', due: '到期：{at}', moved: '{cause}：{before} 改为 {after}' },
  cause: { extension: '延期', suspension: '挂账', await: '待补充', adjudication: '裁决', calendar: '日历重算' },
  step: {
    dispatch: '派单', sign: '签收', contact: '首次联系', reply: '答复', review: '审核', callback: '回访', return_review: '退单审核', hearing: '陈述意见', adjudication: '裁决',
    extension_decision: '延期审批', suspension_decision: '挂账审批', suspended: '挂账', suspension_review: '挂账复核', awaiting: '待补充', climb: '超期上报', unreasonable_review: '不合理审核',
    appeal_review: '申诉复核', score_appeal_review: '考核申诉审核', contest_review: '异议复核', rework: '重办',
  },
  part: { lead: '主办', assist: '协办', below: '下派', unsigned: '未签收', signed: '{at} 签收', contacted: '{at} 已联系', replied: '{at} 已答复', ended: '{at} 结束', missed: '{n} 次未联系上', instruction: '派单意见：' },
  lane: {
    title: '跨域转办', origin: '转出', target: '转入', ours: '本市', custodian: '现由该市负责', queued: '联不上区域时先在本市排队，恢复后自动发出。', pending: '{act}已提交，等待区域台账确认',
    signDue: '{at} 前签收', answerDue: '{at} 前接收或拒收，逾期视为接收', declined: '最近一次拒收：', ground: '拒收或指定的依据：', responsible: '认为应由{city}办理', declines: '已拒收 {n} 次', consent: '随件提供诉求人身份和联系方式', noConsent: '未提供诉求人身份和联系方式',
    act: { offer: '转办', accept: '接收', decline: '拒收', recall: '收回', withdraw: '撤回', dispute: '提请指定' },
  },
  timeline: { title: '流转记录', public: '群众可见', readings: '谁看过', noReadings: '还没有人查看过明文。' },
  attach: { title: '附件', untitled: '未命名附件', one: '上传 {name}', open: '查看附件', explain: '这是诉求人提供的附件，查看将记入留痕，诉求人可以查到谁看过、为什么看。' },
  acts: { title: '办理操作', none: '现在没有需要您办理的。', closed: '暂不可办（{n}）' },
  act: {
    done: '{act}：已完成',
    return: { ground: '退单依据（法律法规或派单目录）' }, extend: { reason: '延期理由', ground: '延期依据' }, suspend: { reason: '挂账原因', ground: '挂账依据' },
    hand_off: { words: '协商经过', unit: '联动单位' }, hand_back: { words: '补充说明', reason: '退回理由' }, merge: { words: '并单说明' }, delegate: { unit: '下级单位' },
    reopen: { reason: '重启理由' }, redirect: { told: '告知内容' },
    recall: { reason: '收回理由' }, refer: { words: '本市的材料（只有区域协调方可见）' }, decline: { reason: '拒收理由', responsible: '应由哪个城市办理', words: '说明（只有对方城市可见）' }, dispute: { ground: '异议理由' }, callback: { words: '群众的话' },
  },
  field: {
    application: '申请', needed: '请填写这一项。', time: '时间', state: '状态', kind: '类型', urgency: '紧急程度', district: '区县', category: '分类', title: '标题', disposition: '分类处理', reason: '事由', told: '告知内容', citation: '依据的知识条目及版本',
    evidence: '证据材料', channel: '受理渠道', targetCity: '转往城市', unit: '单位', answer: '答复内容', outcome: '协商结果', threeWay: '三方通话', lifeAtRisk: '危及生命', words: '说明', lead: '主办单位',
    assist: '协办单位', instruction: '派单意见', brief: '二次脱敏内容（单位看到的）', main: '主单编号', reached: '是否联系上', means: '联系方式', note: '联系情况', question: '请群众补充什么（群众会看到）',
    draft_publicPart: '公开答复（群众会看到）', draft_conclusion: '办结类型', draft_measures: '办理措施', draft_ground: '政策依据及出处', draft_internalPart: '内部办理情况', pass: '审核结论', remark: '审核意见',
    contacted: '承办单位是否联系您', solved: '问题是否解决', resultGrade: '对办理结果', attitudeGrade: '对办理态度', facts: '补充的情况', ground: '依据', suggestedUnit: '认为应由谁办理', agree: '是否同意由本单位办理',
    uphold: '是否同意', stands: '维持原结果', catalogue: '判例写入派单目录', days: '延期工作日', untilTime: '挂账到', responsible: '责任人', milestones: '节点计划', figure: '指标', supervised: '督办标记',
    target: '转往城市', mode: '转办方式', basis: '依据条款（不写具体案情）', consent: '诉求人是否同意向对方提供身份和联系方式', call: '话路编号', callsBack: '由谁回访', targetCategory: '对方分类代码（知道的填）', done: '已做的工作',
  },
  yesno: {
    true: '是', false: '否', uphold: { true: '同意', false: '不同意' }, pass: { true: '通过，办结', false: '不通过，返工' }, reached: { true: '联系上了', false: '没联系上' },
    solved: { true: '已解决', false: '未解决' }, agree: { true: '同意', false: '不同意' }, supervised: { true: '列入督办', false: '撤销督办' }, consent: { true: '同意，随件提供', false: '不同意，不提供' },
  },
  option: {
    ...disposition, ...conclusion, ...grade,
    OUTCOME_UNSPECIFIED: '', TAKEN: '对方接处', KEPT: '热线先行受理', BOTH: '对方处置、热线同时受理', phone: '电话', visit: '上门', message: '短信', relay: '请热线代为联系', sms: '短信', web: '网络',
    OTHER_PLACE: '属地不符', OTHER_DUTY: '职能不符', UNCLEAR_OWNER: '权属不清', SHARED_DUTY: '职责交叉', INSUFFICIENT: '信息不足', DUPLICATE: '重复件', IN_PROCEDURE: '已进法定程序', OTHER: '其他',
    other_place: '属地不符', other_duty: '职能不符', unclear_owner: '权属不清', shared_duty: '职责交叉', insufficient: '信息不足', duplicate: '重复件', in_procedure: '已进法定程序', other: '其他',
    COLD: '工单转办', HOT: '话务转接', TARGET: '办理地回访', ORIGIN: '转出地回访', NOT_OUR_PLACE: '事发地不在本市', NOT_OUR_DUTY: '职责不在本市', INCOMPLETE: '材料不全', ALREADY_HERE: '本市已受理同一诉求',
    season: '季节原因', engineering: '工程原因', history: '历史遗留', RESPONSE: '响应率', SOLVED_RATE: '解决率', SATISFACTION: '满意率', TIMELINESS: '按时办结率', dispute: '退单异议', returns: '退单次数达到上限', reworks: '重办次数达到上限',
  },
  heard: { agrees: '对方同意', objects: '对方不同意', silent: '对方逾期未答，视为同意' },
  application: {
    any: '所有申请', by: '申请人', reason: '理由：', ground: '依据：', evidence: '材料：', suggested: '认为应由：', first: '一级审核：', decision: '审核意见：', until: '到 {at}', due: '{at} 前审核', dueTitle: '审核时限',
    empty: '没有这样的申请', emptyHint: '单位提出退单、延期、挂账等申请时会出现在这里。',
    kind: { return: '退单', adjudication: '裁决', extension: '延期', suspension: '挂账', unreasonable: '不合理诉求认定', appeal: '不合理认定申诉', score_appeal: '考核申诉', contest: '不予受理异议' },
    standing: { open: '待审核', first: '待二级审核', upheld: '同意', rejected: '不同意', lapsed: '自动终止', expired: '已到期', revoked: '已撤销' },
  },
  suggest: { title: '派单建议', none: '现在取不到派单建议，请自行选择承办单位。' },
  door: { title: '事由' },
  reply: { template: '套用模板', clean: '自查通过', blocking: '须修改', advice: '建议' },
  rating: { link: '评价链接（一次有效）：' },
  intake: {
    keys: 'Tab 逐项填写，Alt 1–7 选分类处理，Ctrl ↵ 提交', kept: '草稿已存本机', wordsHint: '发生了什么、从什么时候开始、希望怎样解决', locationHint: '路名、小区、门牌或附近标志', categoryHint: '输入名称或代码查找',
    guess: '目录：{category}（{words}）', more: '渠道、住址等', lawEnforcement: '行政执法或调解类（不计满意率）', next: '下一件', taken: '已受理', number: '工单编号', code: '查询码', beside: '来电人与重复提示', hints: '可能是同一件事', repeat: '记为重复',
    caller: '来电人以往诉求', newCaller: '没有查到这个号码的诉求。', callerHint: '填写来电号码后，这里显示以往诉求。', tips: '先听，再记', tip1: '什么事：发生了什么', tip2: '在哪里：区县、地点、门牌', tip3: '多久了：何时开始，是否反复', tip4: '要什么：希望怎样解决', tip5: '怎么联系：号码、是否保密',
    submit: { IN_SCOPE: '受理', ANSWERED_ON_SPOT: '答复并办结', EMERGENCY_TRANSFER: '转紧急平台', LEGAL_CHANNEL: '告知并登记', EXPLAIN_DECLINE: '说明并登记', POLICE_REFERRAL: '提交移送审批', CROSS_CITY: '转往该市' },
  },
  branch: {
    IN_SCOPE: '属于本市热线受理范围，交承办单位办理。', ANSWERED_ON_SPOT: '知识库里有答案，当场答复，注明条目。', EMERGENCY_TRANSFER: '110、119、120、122 的事，先转接，危及生命的先救人。', LEGAL_CHANNEL: '诉讼、仲裁、复议、信访等，告诉去哪里、怎么找。',
    EXPLAIN_DECLINE: '涉密、隐私、违背公序良俗等，说明理由，不留密件。', POLICE_REFERRAL: '恶意扰乱热线，固定证据，由另一人审批。', CROSS_CITY: '别的城市的事，转过去并继续跟踪。',
  },
  search: { placeholder: '24 位工单编号、完整来电号码，或页面名称', inList: '当前列表', room: '页面', none: '没有找到，或不在您可见的范围内。', hits: '结果', whole: '完整的来电号码', find: '查找', start: '输入来电号码查找', hint: '要输入完整号码；号码只用于查找，不会留在网址里。' },
  cluster: { empty: '现在没有聚集', hint: '同一地点、同一类事短期内多人反映时会出现在这里。', where: '范围', orders: '件数', latest: '最近工单', onePlace: '同一地点', district: '同一区县' },
  people: {
    add: '新增人员', empty: '还没有人员', posts: '岗位', since: '加入时间', disabled: '停用', grant: '授予岗位', grantTo: '授予 {who} 岗位', revoke: '收回岗位 ', revokeSure: '收回 {who} 的岗位“{post}”？从下一次操作起生效。', reset: '重置口令',
    resetSure: '重置 {who} 的口令？其登录会话将全部结束。', end: '强制下线', ended: '{who} 已下线', role: '角色', loginHelp: '小写字母、数字、点和横线，2 到 63 位。', password: '初始口令', passwordOnce: '{who} 的初始口令如下，只显示这一次，请当面交给本人。首次登录须修改。',
  },
  unit: { add: '新增单位', empty: '还没有单位', code: '代码', parent: '上级单位', retired: '已停用', kind: { department: '部门', district: '区县', street: '街道乡镇', sub_centre: '分中心', utility: '公共事业单位', emergency: '联动单位' } },
  category: { add: '新增分类', empty: '还没有分类', title: '本市名称', national: '全国名称', definition: '定义', distinguish: '易混淆' },
  catalogue: { add: '新增条目', empty: '派单目录还是空的', keywords: '关键词', wholeCity: '全市', notToStreet: '不得派给街道乡镇' },
  ledger: { actor: '查看人账号', order: '24 位工单编号', empty: '没有留痕', hint: '有人查看明文、附件时会记在这里，不能修改。', who: '谁', what: '看了什么', situation: '场合', noRecords: '没有管理留痕', seq: '序号', change: '改了什么' },
  rule: {
    version: '第 {n} 版，{who} 于 {at} 修改', saved: '已写入第 {n} 版', spans: '时限写法：30m 分钟，2h 小时，4wh 工作小时，1wd 工作日，15d 自然日。已在办的工单不受修改影响。', byUrgency: '按紧急程度', general: '一般', sideLives: '旁路、预警与附件', lists: '清单（每行一条，各栏用 | 隔开）',
    reason: '修改理由', working: '上班', off: '放假', dayWrong: '第 {n} 行请写“日期 | 上班或放假 | 名称”。', save: '写入新版', dispatch: '派单', sign: '签收', reply: '答复', contact: '首次联系', replyConsult: '咨询答复', review: '审核', callback: '回访', rework: '重办', callbackAttempts: '回访次数', reworkRounds: '重办轮数', reopenWithin: '可重启期限', repeatDays: '重复识别天数',
    revealMinutes: '明文显示分钟', ratingDays: '评价链接天数', trackDays: '进度可查天数', accountRate: '每账号每分钟调用', addressRate: '每地址每分钟调用', days: '本市特殊日（日期 | 上班或放假 | 名称）', templates: '答复模板（分类 | 文字）', forbiddenWords: '公开答复禁用词', warnings: '预警百分比', callbackChannels: '回访渠道顺序', source: '依据',
    returnWithin: '退单期限', returnReview: '退单审核', hearing: '陈述意见', adjudication: '裁决', returns: '转裁决的退单次数', extensionTimes: '延期次数', extensionDays: '每次延期工作日', extensionDecision: '延期审批', suspensionMonths: '挂账最长月数', suspensionReview: '挂账复核间隔', suspensionDecision: '挂账审批', awaiting: '待补充最长',
    climb: '超期再上报', hardReturns: '疑难：退单次数', hardReworks: '疑难：返工次数', clusterOrders: '聚集件数', clusterDays: '聚集天数', unreasonableReview: '不合理审核', unreasonableDays: '不合理认定有效天数', appealWithin: '申诉期限', appealReview: '申诉复核', scoreAppealWithin: '考核申诉期限', scoreAppealReview: '考核申诉审核', contestWithin: '异议期限', contestReview: '异议复核',
    transferSign: '跨域转办：签收', transferAnswer: '跨域转办：答复是否接收', transferCritical: '跨域转办：特急与通话中', transferSample: '他市办理后的抽查（百分之）', citizenUrges: '群众每天催办次数', citizenSupplements: '群众每天补充次数',
    ratingCluster: '评价异常件数', ratingMinutes: '评价异常分钟', attachments: '附件个数', attachmentMib: '单个附件 MiB',
    scoring: '考核口径：三率权重（合计 100）', responseWeight: '响应率权重', solvedWeight: '解决率权重', satisfactionWeight: '满意率权重', responseGrounds: '响应率另行剔除', solvedGrounds: '解决率另行剔除（law_enforcement 执法调解、legal_procedure 转法定程序、unreasonable 不合理、withdrawn 撤单、unreachable 联系不上）',
  },
  privacy: {
    situation: '场合', help: '点一下换一档：隐藏、脱敏、明文。全国底线不能突破，突破时保存会被拒绝并说明。', askHelp: '谁可以说明理由后限时查看明文。', may: '可申请', mayNot: '不可',
    at: { detail: '详情', list: '列表', search: '查询', history: '流转记录', print: '打印', export: '导出', notify: '通知', callback: '回访', emergency: '紧急联动', share: '共享', ask: '申请查看' },
    class: { name: '姓名', phone: '电话', id_number: '证件号', address: '住址', email: '邮箱', text: '自由文本', recording: '录音' }, sight: { hide: '隐藏', mask: '脱敏', clear: '明文' },
  },
  me: {
    password: '修改口令', must: '您的口令由他人设置，请先修改，再开始工作。', old: '原口令', new: '新口令（至少 10 位）', again: '再输入一次新口令', differ: '两次输入不一致。', change: '修改口令', changed: '口令已修改，其他登录已结束', screen: '显示', theme: '主题',
    themes: { auto: '跟随系统', light: '浅色', dark: '深色' }, density: '疏密', densities: { comfortable: '舒适', compact: '紧凑' },
  },
  keys: { title: '快捷键', here: '本页可用', elsewhere: '其他页面', numbers: '选项旁有数字的，焦点在其中时按该数字选中；归并进度表用方向键移动。', branch: '选分类处理（受理登记）', urge: '催办（来电人的在办工单）', supplement: '补充（来电人的在办工单）', next: '下一件（受理之后）', search: '搜索', move: '上一件、下一件', open: '打开', main: '首要操作', send: '提交', cancel: '取消', take: '领取一件', choose: '选中（批量派单）', filter: '筛选', refresh: '刷新', print: '打印', help: '快捷键' },
  board: {
    today: '今日六项', trend: '十四天趋势', trendLabel: '近十四天受理、办结、超期的折线图；可切换为表格查看每一天的数字', trendOf: '{what}近十四天：{days}', comma: '，', day: '日期', yesterday: '昨日', byNow: '昨日同刻', before: '剔除前', good: '分子', due: '分母',
    pressure: '临期与超期', noRisk: '现在没有临期和超期的时限', step: '环节', total: '合计', hotline: '热线', allRows: '全部 {n} 行', fewer: '收起', span: '统计期', spans: { week: '近 7 天', month: '近 30 天', thisMonth: '本月' }, from: '开始日期', to: '结束日期',
    heat: '分类 × 区县', heatLabel: '分类与区县的热力图，共 {n} 件，{categories} 类，{districts} 个区县；可切换为表格，从数字进入工单', noHeat: '这段时间没有工单', asWhat: '显示为', asChart: '图', asTable: '表', orders: '{n} 件', allCategories: '全部分类', goDeeper: '细看：', confidential: '保密工单不分类、不分区县，另计：',
    units: '单位三率', rank: '名次', score: '综合得分', excluded: '剔除 {n} 件', formulas: '统计口径（城市规则第 {n} 版）', leftOut: '剔除：',
    asOf: '截至 {at}', refresh: '刷新', excel: '导出 Excel', image: '导出图片', print: '打印', exported: '已导出，管理留痕中有记录', noChart: '图都切换成了表，请先切回图再导出图片。', old: '下面仍是 {at} 的数字。', behind: '看板数字“{what}”背后的工单。', showAll: '看全部',
  },
  figure: { received: '受理', answered: '直接答复', dispatched: '派单', concluded: '办结', overdue: '超期', satisfaction: '满意率', response: '响应率', solved_rate: '解决率', warned: '临期', late: '超期未办', heat: '分类 × 区县', confidential: '保密工单' },
  caller: {
    title: '来电人', nameless: '未留姓名', count: '在办 {open} 件，近期办结 {ended} 件', open: '还在办的诉求', insteadOfNew: '同一件事不用另立新单：催办或补充到原单，承办单位马上看到。', ended: '最近办结的诉求',
    urge: '催办', supplement: '补充', urgeWords: '来电人催什么', supplementWords: '来电人补充的情况', served: '已办理来电', branches: '分类处理：各走哪条路',
    say: { urge: '已为您催办，承办单位马上能看到。您仍可用原来的工单号和查询码查询进度。', supplement: '您补充的情况已转给承办单位，不用重新登记。您仍可用原来的工单号和查询码查询进度。' },
  },
  words: {
    label: '完整来电号码，或标题里的词', start: '输入来电号码或标题里的词', hint: '号码要完整；词可以有几个，用空格隔开，在近半年、您可见的工单标题里找。号码和词都不会留在网址里。', placeholder: '工单编号、完整来电号码、标题里的词，或页面名称',
  },
  preview: {
    title: '以岗位查看', help: '用一张虚构的工单，看这个岗位现在看到什么、按还没保存的矩阵会看到什么。由系统按真实工单的规则显示。', confidential: '保密工单', field: '内容', now: '现在', proposed: '保存以后', recording: '录音',
    changed: '有 {n} 项会变（标 ◆）。', same: '这个岗位在这个场合看到的没有变化。', refused: '这样的矩阵不能保存：',
  },
  audit: { from: '从哪天', until: '到哪天', any: '所有场合', take: '导出表格', takenBy: '{who} 于 {at} 导出，共 {n} 行', ofOrder: '只看这件' },
  chain: {
    title: '封存校验', help: '流转记录和查看留痕逐行封存，改动、删去一行都能查出。校验一件工单，或某一天受理的工单；全市校验由运维人员执行 hotline audit verify。', order: '工单', day: '受理日期', check: '校验', busy: '正在校验…', whole: '完好',
    broken: '{n} 处被改动', walked: '校验了 {orders} 件工单、{lines} 行记录', line: '第 {n} 行', of: { event: '流转记录', reading: '查看留痕' }, then: '请不要在工单上继续操作，立即报告本市管理员和安全负责人，并保全数据库。',
  },
  overdue: {
    help: '正在办的工单里，哪个单位在哪一步超期、临期。点数字看工单。颜色越深超期越多。', none: '没有超期和临期的工单', noneHint: '有工单临近或超过时限时，这里按单位和环节显示。', late: '超期 {n}', soon: '临期 {n}', all: '合计',
    sum: '超期 {overdue}，临期 {warned}', hotline: '热线（尚未派单）',
  },
  letter: { title: '文书', supervise: '督办单', urge: '催办单', back: '返回工单' },
  past: {
    papers: '双方材料', title: '以往判例（同类事项、同一单位）', none: '还没有相近的判例。', asks: '申请退单：', named: '被建议：', hotline: '热线', says: '主张', ground: '依据', evidence: '证据', notHeard: '未陈述', decided: '退单审核', disputes: '异议理由',
  },
  scene: { photo: '拍照上传' },
  paper: { notThis: '屏幕上的内容不直接打印。请按工单上的“打印”，打印按本市隐私规则脱敏的纸质工单。', help: '按本市打印规则脱敏，打印已记入查看留痕。', received: '受理' },
  verb: {
    intake: '受理', answer: '直接答复', redirect: '转告', dispatch: '派单', sign: '签收', contact: '联系诉求人', reply: '答复', review: '审核', callback: '回访',
    close: '归档', reopen: '重启', supplement: '补充', urge: '催办', withdraw: '撤回', invite_rating: '发出评价邀请', rate: '评价', delegate: '下派', return: '申请退单',
    hear: '陈述意见', decide_return: '退单审核', dispute: '退单异议', adjudicate: '裁决', extend: '申请延期', decide_extension: '延期审批', suspend: '申请挂账',
    decide_suspension: '挂账审批', review_suspension: '挂账复核', resume: '恢复办理', await: '待补充', claim_unreasonable: '申请认定不合理诉求',
    decide_unreasonable: '不合理诉求审核', appeal: '申诉', decide_appeal: '申诉复核', appeal_score: '考核申诉', decide_score_appeal: '考核申诉审核', contest: '对不予受理提出异议',
    decide_contest: '异议复核', merge: '并单', split: '拆单', join: '并入件', conclude: '随主单办结', supervise: '督办', escalate: '提级办理', climb: '超期上报',
    lapse: '到期处理', hand_off: '紧急联动', hand_back: '联动退回', attach: '上传附件', correct: '更正', reclaim: '收回领取', transfer: '跨域转办', recall: '收回转办',
    refer: '提请指定', sign_for: '签收转办', accept: '接收转办', decline: '拒收转办', relay: '跨域回执',
  },
  ...cities,
}
