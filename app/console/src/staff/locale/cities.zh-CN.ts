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
    rulesNow: '区域规则（第 {n} 版）', rulesFirst: '区域规则（初始规则，尚未修改）', rulesHelp: '时间写法：2h 小时，30m 分钟，15d 天，可连写如 1d 12h。保存即写入区域台账，对之后的转办生效。', rulesRead: '由区域协调方制定，对本区域各市生效。', spanWrong: '写法如 2h、30m、15d。', rulesHistory: '规则沿革', noHistory: '还没有修改过', noHistoryHint: '每次修改的人、时间和内容会记在这里。', version: '版本',
    rule: { signLeast: '签收期限至少', answerLeast: '接收或拒收期限至少', criticalSignLeast: '特急签收期限至少', criticalAnswerLeast: '特急接收期限至少', answerMost: '接收期限至多', declineGrace: '静默接收宽限', callbackDue: '回访逾期期限（0为一周）', callbackHandover: '回访移交转出地期限（0为两周）', skew: '各市时钟允许偏差', declines: '几次拒收后转争议', backlog: '台账积压上限（MiB，16以上按16计）', verifyAtApply: '写入时逐条验签' },
    aidHelp: '突发大量来电时，请本区域其他城市的座席在约定时间内代为接听；对方转来的电话自动接收。', askAid: '请求话务互援', helper: '请哪个城市帮忙', aidFrom: '开始（北京时间）', aidTo: '结束（北京时间）', seats: '座席数', ground: '原因', aid: '互援', aidOf: '{helper}帮{asker}', aidTime: '时间', agree: '同意', disagree: '不同意', endAid: '结束互援',
    aidClosed: '请求和答复互援由督办员办理。', noAids: '没有话务互援', noAidsHint: '本市向外市、外市向本市请求互援时出现在这里。',
  },
  nat: {
    tab: { versions: '版本', drafts: '草案', compare: '比较', keys: '签名密钥' }, headline: '第 {n} 版，共 {entries} 条', nth: '第 {n} 版', version: '版本', inForce: '现行', toCome: '未生效', past: '历史', published: '发布时间', digest: '文件摘要', none: '还没有归并清单', noneHint: '国务院办公厅发布后出现在这里。',
    take: '导出', page: '打印页', document: '签名件', key: '签名公钥', acknowledge: '签收第 {n} 版', acknowledgedBy: '第 {n} 版已由 {who} 于 {at} 签收', number: '号码', what: '差异', expert: '设专家座席', showAll: '连同未变的一起显示', noChange: '两版没有差别。', mark: { added: '新增', changed: '修改', removed: '不在其中', same: '未变' },
    mode: { MODE_UNSPECIFIED: '未归并', SUB_CENTER: '设分中心', DUAL_NUMBER: '双号并行', WHOLE_MERGE: '整体并入' }, field: { mode: '归并方式', seq: '序号', title: '名称', authority: '责任单位', expert_seats: '专家座席', basis: '依据', effective_date: '生效日期', deadline_date: '完成期限' },
    begin: '起草下一版', pickDraft: '选择草案', draftLine: '草案 {no} 号（第 {n} 版，{standing}）', noDraft: '没有正在办理的草案', noDraftHint: '起草后在这里修改、送审、签署和发布；同一时间只办理一份。', draft: '草案', draftOf: '第 {n} 版草案（对照第 {base} 版）', authors: '起草', reviewer: '审核', editHead: '修改标题与日期', editEntry: '修改 {number}', addEntry: '新增条目', takeOut: '取消新增',
    pass: '审核结论', passed: '通过', sentBack: '退回修改', sure: '请输入版本号 {n} 确认', versionWrong: '输入的版本号不对。', signHelp: '将以国务院办公厅密钥签署第 {n} 版，{changes} 处修改。签署后不能再改。', publishHelp: '将向所有城市发布第 {n} 版，自 {at} 起生效。发布后不能撤回，只能再发新版。', dropHelp: '撤销第 {n} 版草案，{changes} 处修改都不保留。', from: '从', to: '到',
  },
  key: {
    none: '还没有签名密钥', number: '第几把', signs: '第 {n} 把密钥正在签名', signed: '签署的版本', span: '第 {from} 版至第 {to} 版', since: '第 {from} 版起', signedNone: '没有签过', fingerprint: '指纹', readAloud: '打电话核对时，从左到右、从上到下，四个一组念。', history: '历次密钥', why: '由来', first: '启用时设立', kind: { handover: '旧密钥交接', refounded: '旧密钥遗失，重立' }, replaced: '更换时间', act: '更换令', take: '下载', takeAct: '下载第 {n} 把密钥的更换令', afterConfirming: '确认后显示',
    toConfirm: '第 {n} 把密钥等待本单位确认', toConfirmHelp: '{why}。新密钥没有旧密钥作保：请向国务院办公厅打电话或凭公文取得指纹，核对一致后确认。确认之前，本单位继续使用旧密钥签署的清单。', confirm: '确认密钥', heard: '电话或公文告知的指纹', heardHelp: '64 位，空格、大小写不影响。系统不显示指纹，以免照抄。', unconfirmed: '还有 {n} 个城市没有确认这把密钥：{cities}', 
    acts: { replace: '更换密钥', drop: '撤销提议' }, propose: '提议更换密钥', proposeHelp: '提议后由另一位同志办理更换。', lost: '旧密钥', lostIs: { false: '旧密钥签署交接', true: '旧密钥遗失或失控，重立' }, suite: '算法', suites: { sm: '国密 SM2、SM3', aes: 'Ed25519、SHA-256' }, reason: '原因', reasonHelp: '四个字以上，写入更换令，各地都能看到。', proposal: '更换密钥的提议', waits: '等待另一位同志办理', how: '方式', author: '提议', sure: '请输入新密钥的序号 {n} 确认', sureWrong: '输入的序号不对。',
    handoverHelp: '将产生第 {n} 把密钥，由旧密钥签署交接后销毁旧密钥，各地随即采用。', refoundHelp: '将产生第 {n} 把密钥，旧密钥不作保。请以电话或公文把指纹告知各地，各地确认后才采用。',
  },
  prog: {
    city: '城市', tab: { matrix: '矩阵', statistics: '统计', acknowledgements: '签收', urges: '催办', questions: '问题答复', exceptions: '例外审定' }, headline: '清单第 {n} 版，{cities} 个城市 × {numbers} 个号码', province: '省份', anyProvince: '所有省份', anyRegion: '所有区域', anyAuthority: '所有责任单位', find: '查找城市', onlyLate: '只看有逾期的城市', local: '地方自建',
    standing: { STANDING_UNSPECIFIED: '未知', UNCONFIRMED: '待复核', WAITING: '待归并', PLANNED: '实施中', TRANSITION: '过渡期', CANCELLED: '已取消', DUAL: '双号并行', SUB: '分中心' }, short: { STANDING_UNSPECIFIED: '—', UNCONFIRMED: '待复核', WAITING: '待归并', PLANNED: '实施', TRANSITION: '过渡', CANCELLED: '取消', DUAL: '双号', SUB: '分中心' }, cell: '{city} {number}：{standing}，步骤 {done}/{steps}', late: '，逾期',
    acknowledged: '已签收第 {n} 版', empty: '没有符合条件的城市', emptyHint: '换一个条件再看。', one: '进度依据', close: '收起', baseline: '清单要求', here: '当地现状', target: '方案目标', noTarget: '没有进行中的方案', updated: '更新时间', evidence: '方案与依据', noPlan: '当地还没有制定方案。', urge: '催办', urgeCity: '催办城市（全部号码）', urgeWhom: '催办哪个城市', urgeWords: '催办内容', urgeDue: '要求完成日期',
    until: '（{at} 前）', mayNotUrge: '催办由国务院办公厅和省级管理员办理。', by: '统计口径', grouping: { PROVINCE: '按省份', REGION: '按区域', AUTHORITY: '按责任单位' }, cities: '城市', cells: '号码数', finished: '已到位', ackHead: '第 {n} 版：{received} 个城市已收到，其中 {said} 个已签收；{missing} 个还没有收到。', received: '收到时间', saidBy: '签收', notReceived: '未收到', acked: '已签收', onlyReceived: '收到未签收',
    noUrges: '没有催办', noUrgesSent: '催办城市后记在这里。', noUrgesHere: '上级催办时出现在这里。', wholeList: '全部号码', urgeFrom: '催办单位', pastDay: '已过', inTime: '期内', ask: '请示问题', questionTitle: '题目', questionWords: '问题', noNames: '不要写群众的姓名、电话。', answer: '答复', publish: '是否公开', published: '公开，供各地参考（不显示提问城市）', private: '只答复提问城市', noQuestions: '没有问题', noQuestionsHint: '城市请示的问题和公开的答复出现在这里。', isPublished: '已公开', unanswered: '待答复', anotherCity: '某市', doAnswer: '答复问题',
    apply: '申请例外', exKind: '申请什么', ex: { NEW_NUMBER: '新设号码', NEW_TITLE: '变更名称', NEW_PURPOSE: '变更用途' }, exWanted: '申请的名称或用途', exWords: '理由', decision: '审定', decisionWords: '审定意见', reference: '文号', decide: '审定例外', noExceptions: '没有例外申请', noExceptionsHint: '新设号码、变更名称或用途要先申请例外，申请和审定记在这里。', exStanding: { open: '待审定', granted: '已批准', refused: '未批准', used: '已使用' }, support: '是否支持', supports: { true: '建议批准', false: '建议不批' }, opinion: '审核意见', provinceSays: '省级审核意见', review: '审核例外', reviewHelp: '审核意见只提一次，随申请送国务院办公厅审定。', askWhom: '请示谁', askProvince: { false: '国务院办公厅', true: '本省' }, toProvince: '请示省级',
  },
  num: {
    verb: { adopt: '落实归并', promote: '实质性归并', amend: '变更名称用途', plan: '制定方案', prompt: '设置语音提示', route: '设置转接', test: '试拨', measure: '登记服务水平', cutOver: '切换', arrange: '安排', complete: '完成', confirm: '复核', edit: '修改', submit: '送审', review: '审核', sign: '签署', publish: '发布', drop: '撤销' },
    guard: { decision: '整体并入的决定已复核', prompt: '过渡期语音提示已设置', reachable: '转接目标已试拨接通', knowledge: '知识库已导入', roster: '“7×24小时”排班已覆盖', steps: '方案中切换之前的步骤已完成', before: '归并前的服务水平已登记' },
    tab: { register: '号码台账', dial: '拨号解析', urges: '收到的催办', questions: '请示与答复', exceptions: '例外申请' }, headline: '清单第 {n} 版，{all} 个号码，{done} 个已到位', public: '公开台账', filter: '筛选', only: { all: '全部', behind: '未到位', late: '逾期', done: '已到位', local: '地方自建' }, empty: '没有这样的号码', emptyHint: '换一个条件再看。', one: '号码 {number}', national: '国家清单', here: '本市实际', localMust: '整体并入（自建）', granted: '经批准例外设立', confirmEntry: '请核对设立文件和文号：登记的设立日期是 {at}。复核后列入台账、公开台账和归并进度，只能整体并入。', confirmMerge: '请核对归并文件。{number} 整体并入后号码取消，不能恢复；复核后才能切换。', behind: '未到位', met: '已到位', none: '未填', noExpert: '不设',
    seats: '{n} 席，专家 {experts} 席', answers: '接听', hears: '来电人听到：', until: '播到 {at}', tested: '最近试拨：', urged: '催办 {n} 次', guards: '切换条件', missing: '还差 {n} 项', ready: '条件齐备', plan: '归并方案', levels: '服务水平', phase: '阶段', period: '时间', rate: '接通率', orders: '工单', onTime: '按时率', solved: '解决率', phases: { before: '归并前', after: '归并后', computed: '系统统计' }, history: '变更记录',
    done: '已完成', open: '未完成', by: '{at} 前', after: '要在之后：{what}', risk: '风险：', evidence: '依据：', confirmed: '{at} 由 {who} 复核', confirmedAt: '{at} 已由第二人复核', unconfirmed: '等待另一位同志复核', papers: '文件', papersHelp: '每行一份：名称 | 文号', promptHelp: '要告诉来电人拨打 12345。', promptText: '您好，{title}已并入12345政务服务便民热线，请拨打12345，现在为您转接。', lineHelp: '原热线座席的线路；座席并入的可不填。', percentHelp: '百分数，如 92.5', sureHelp: '输入要切换的号码确认', sureWrong: '输入的号码不对。',
    cutOverWhole: '切换后 {number} 整体并入12345，号码取消，不能恢复。', cutOverHelp: '切换后 {number} 改为{mode}。', enroll: '登记自建热线', founded: '设立日期', foundedHelp: '2020-12-28 之后设立的要先申请例外。',
    f: { unit: '责任单位', seats: '座席数', expertSeats: '专家座席数', seatsStay: '座席是否保留', title: '名称', purpose: '用途', startDate: '开始日期', owner: '责任人（岗位）', text: '语音提示', untilDate: '播到哪一天', line: '座席线路', skill: '12345 接听技能组', connected: '是否接通', words: '试拨情况', after: '哪个阶段', fromDate: '从', toDate: '到', calls: '来电量', answered: '接通率（%）', answerSeconds: '平均等待秒数', source: '数据来源', sure: '号码', dueDate: '完成期限', risk: '风险', evidence: '完成依据' },
    yes: { seatsStay: { true: '保留', false: '并入' }, connected: { true: '接通', false: '没有接通' }, after: { true: '归并后', false: '归并前' } }, dialled: '拨打', moment: '时间（空为现在，北京时间）', resolve: '看来电人听到什么', exportPlan: '导出拨号计划', whoDials: '{at} 拨打 {number}', ringsAtOnce: '没有提示，直接振铃', because: '为什么', change: '依据第 {n} 条变更记录', leg: { queue: '12345 话务队列', seats: '原热线座席', expert: '专家座席', three_way: '三方转接', emergency: '紧急热线' },
  },
}
