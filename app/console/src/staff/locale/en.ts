// The console in English. What the program itself says (reasons, names of acts, time left) stays Chinese.
import cities from './cities.en'
import type zh from './zh-CN'

const disposition = {
  DISPOSITION_UNSPECIFIED: '', IN_SCOPE: 'Take in', ANSWERED_ON_SPOT: 'Answered on the spot', EMERGENCY_TRANSFER: 'Emergency line', LEGAL_CHANNEL: 'Legal channel',
  EXPLAIN_DECLINE: 'Explain', POLICE_REFERRAL: 'Refer to police', CROSS_CITY: 'Another city',
}
const conclusion = {
  CONCLUSION_UNSPECIFIED: '', SOLVED: 'Solved', PARTLY_SOLVED: 'Partly solved', EXPLAINED: 'Explained', TO_LEGAL_PROCEDURE: 'To legal procedure', UNFOUNDED: 'Unfounded',
  UNREASONABLE: 'Unreasonable', BEYOND_DUTY: 'Beyond duty', UNREACHABLE: 'Unreachable', WITHDRAWN_BY_CITIZEN: 'Withdrawn', MERGED_AWAY: 'Merged',
}
const grade = {
  GRADE_UNSPECIFIED: 'Not rated', VERY_SATISFIED: 'Very satisfied', SATISFIED: 'Satisfied', FAIRLY_SATISFIED: 'Fairly satisfied', DISSATISFIED: 'Dissatisfied', VERY_DISSATISFIED: 'Very dissatisfied',
}

const en: typeof zh = {
  app: { title: 'Government hotline' },
  login: { login: 'Account', password: 'Password', place: 'City', enter: 'Sign in', citizen: 'I am a citizen: file or follow a request', again: 'Your session has ended', safe: 'Enter your password once more. All you typed is still there.', other: 'Sign in as somebody else' },
  frame: { skip: 'Skip to content', menu: 'Menu', search: 'Order number, caller number, page', logout: 'Sign out', rooms: 'Rooms' },
  room: {
    intake: 'Intake', search: 'Find caller', applications: 'Applications', clusters: 'Clusters', people: 'People', units: 'Units', categories: 'Categories',
    catalogue: 'Catalogue', rules: 'Rulebook', privacy: 'Privacy matrix', readings: 'Read ledger', records: 'Admin records', overdue: 'Overdue map',
    transfers: 'Between cities', list: 'National list', progress: 'Progress', numbers: 'Numbers', board: 'Board',
  },
  state: {
    loading: 'Loading…', failed: 'That did not work', failedSafe: 'Something broke on our side. What you typed is safe; please try again.', gone: 'Not found', offline: 'The server cannot be reached.',
    offlineSafe: 'What you typed is kept on this machine and can be sent again without doubling.', trace: 'Trace',
  },
  do: {
    again: 'Try again', cancel: 'Cancel', back: 'Back to list', copy: 'Copy number', copied: 'Copied', print: 'Print', more: 'More', save: 'Save', saved: 'Saved', edit: 'Edit',
    narrow: 'Filter this page', sending: 'Sending…', release: 'Put back',
  },
  time: { today: 'Today', tomorrow: 'Tomorrow', yesterday: 'Yesterday', weekdays: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] },
  group: { overdue: 'Overdue', today: 'Due today', tomorrow: 'Due tomorrow', week: 'Due this week', later: 'Later', none: 'No deadline' },
  pressure: { fine: 'On time', soon: 'Due soon', late: 'Overdue', held: 'Paused', none: '' },
  mark: {
    confidential: 'Confidential', supervised: 'Watched', hard: 'Hard case', adjudicating: 'In adjudication', locked: 'Locked', unreasonable: 'Unreasonable', clustered: 'Cluster', suspicious: 'Odd rating',
    repeated: 'Repeat', awaitingTransfer: 'To another city', returns: 'Returned', reworks: 'Rework', urges: 'Urged', escalations: 'Escalated',
  },
  orderState: {
    STATE_UNSPECIFIED: '', RECEIVED: 'To dispatch', DISPATCHED: 'To sign', HANDLING: 'In work', REPLIED: 'To review', CONCLUDED: 'To call back', CLOSED: 'Closed', ANSWERED: 'Answered',
    REDIRECTED: 'Redirected', WITHDRAWN: 'Withdrawn', SUSPENDED: 'Suspended', MERGED: 'Merged', TRANSFERRING: 'Offered to another city', TRANSFERRED: 'With another city', OFFERED: 'Offered by another city', DECLINED: 'Declined',
  },
  kind: { KIND_UNSPECIFIED: '', CONSULT: 'Question', HELP: 'Help', COMPLAINT: 'Complaint', REPORT: 'Report', SUGGEST: 'Suggestion', PRAISE: 'Praise' },
  urgency: { URGENCY_UNSPECIFIED: '', CRITICAL: 'Critical', URGENT: 'Urgent', NORMAL: 'Normal', COMPLEX: 'Complex' },
  channel: { CHANNEL_UNSPECIFIED: '', PHONE: 'phone', WEB: 'web', WECHAT: 'WeChat', APP: 'app', EMAIL: 'e-mail', WALK_IN: 'counter', TRANSFER_110: '110', CITY_TRANSFER: 'another city' },
  disposition,
  conclusion,
  grade,
  verdict: { passed: 'Passed', failed: 'Sent back' },
  role: {
    agent: 'Agent', dispatcher: 'Dispatcher', reviewer: 'Reviewer', adjudicator: 'Adjudicator', handler: 'Handler', unit_lead: 'Unit lead', expert: 'Expert', callback_agent: 'Callback agent',
    supervisor: 'Supervisor', knowledge_editor: 'Knowledge editor', knowledge_reviewer: 'Knowledge reviewer', quality_inspector: 'Quality inspector', city_admin: 'City admin', auditor: 'Auditor',
    regional_coordinator: 'Regional coordinator', central_admin: 'Central admin', province_admin: 'Province', ministry_officer: 'Ministry', citizen: 'Citizen', machine: 'Department system', platform: 'Platform',
  },
  queue: {
    notYours: 'Your posts have no such queue',
    title: {
      dispatch: 'To dispatch', sign: 'To sign', handle: 'In work', review: 'To review', callback: 'To call back', held: 'Held by me', adjudicate: 'To adjudicate', overdue: 'Overdue', warned: 'Due soon',
      supervised: 'Watched', hard: 'Hard cases', suspended: 'Suspended', clustered: 'In a cluster', suspicious: 'Odd ratings', all: 'All orders',
    },
    empty: {
      dispatch: 'Nothing waits for dispatch', sign: 'Nothing to sign', handle: 'Nothing in work', review: 'No answers to review', callback: 'Nobody to call back', held: 'You hold no orders',
      adjudicate: 'Nothing to adjudicate', overdue: 'Nothing is overdue', warned: 'Nothing is due soon', supervised: 'Nothing is watched', hard: 'No hard cases', suspended: 'Nothing is suspended',
      clustered: 'No clusters', suspicious: 'No odd ratings', all: 'No orders match',
    },
    hint: 'New orders appear here, the most urgent first.', elsewhere: 'You also have:', take: 'Take one', emptyPool: 'Nothing waits in the pool.', filter: 'Filter', anyKind: 'Any kind', anyUrgency: 'Any urgency',
    anyDistrict: 'Any district', anyCategory: 'Any category', anyState: 'Any state', choose: 'Choose order {n}', end: '{n} in all', pick: 'Choose an order', pickHint: 'J and K move, Enter opens, ? shows all keys.',
  },
  bulk: { title: 'Bulk dispatch', preview: '{n} by their first suggestion, please check:', run: 'Dispatch', sent: 'Sent', noSuggestion: 'The catalogue names no unit' },
  order: {
    holder: 'held by {who}', changed: 'Somebody has just changed this order.', showNew: 'Show', present: '{who} has this open too', units: 'Units', related: 'Related', mainOrder: 'Merged into', repeatOf: 'Repeats', mergedIn: 'Merged in',
    wants: 'What is wanted', words: 'In their words', brief: 'Brief', body: 'Text', location: 'Place', petitioner: 'Petitioner', received: 'Received {at} by {channel}, {elapsed} ago', replyOf: 'Answer of {unit}',
    round: 'No. {n}', applications: 'Applications', handOffs: 'Hand-offs', handedBack: 'handed back: ', callbacks: 'Callback and rating', attempt: 'Round {round}, attempt {n}', rated: 'Rating',
  },
  person: { name: 'Name', phone: 'Phone', idNumber: 'ID number', address: 'Address', email: 'E-mail', anonymous: 'Anonymous' },
  personal: {
    hidden: '(hidden)', ask: 'Reveal', askAll: 'Reveal all', clear: 'clear, logged', logged: 'You saw this in the clear; the ledger has it and the petitioner can see that.', title: 'Reveal',
    explain: 'Shown for a short time and logged; the petitioner can see who looked and why. To see: ', reason: 'Reason', show: 'Reveal', until: 'In the clear until {at}',
  },
  personalField: {
    petitioner_name: 'name', petitioner_phone: 'phone', petitioner_id_number: 'ID number', petitioner_address: 'address', petitioner_email: 'e-mail', words: 'words', body: 'text',
    location: 'place', brief: 'brief', evidence: 'evidence', attachment: 'attachment',
  },
  situation: { list: 'List', search: 'Search', detail: 'Detail', history: 'History', print: 'Print', export: 'Export', notify: 'Notice', callback: 'Callback', emergency: 'Emergency', share: 'Sharing', reveal: 'Reveal', attachment: 'Attachment', call: 'Call' },
  clock: { title: 'Clocks', start: 'Start: {at}', span: 'Span: {span}', due: 'Due: {at}', moved: '{cause}: {before} became {after}' },
  cause: { extension: 'Extension', suspension: 'Suspension', await: 'Waiting for citizen', adjudication: 'Adjudication', calendar: 'Calendar' },
  step: {
    dispatch: 'Dispatch', sign: 'Sign', contact: 'First contact', reply: 'Reply', review: 'Review', callback: 'Callback', return_review: 'Return review', hearing: 'Hearing', adjudication: 'Adjudication',
    extension_decision: 'Extension', suspension_decision: 'Suspension', suspended: 'Suspended', suspension_review: 'Suspension review', awaiting: 'Waiting for citizen', climb: 'Overdue report', unreasonable_review: 'Unreasonable review',
    appeal_review: 'Appeal', score_appeal_review: 'Score appeal', contest_review: 'Contest', rework: 'Rework',
  },
  part: { lead: 'Lead', assist: 'Assist', below: 'Delegated', unsigned: 'not signed', signed: 'signed {at}', contacted: 'contacted {at}', replied: 'replied {at}', ended: 'ended {at}', missed: '{n} calls missed', instruction: 'Instruction: ' },
  lane: {
    title: 'Between cities', origin: 'From', target: 'To', ours: 'us', custodian: 'answerable now', queued: 'It waits here while the region cannot be reached, and is sent by itself.', pending: '{act} is on its way to the ledger of the region',
    signDue: 'To be signed for by {at}', answerDue: 'To be accepted or declined by {at}; silence accepts', declined: 'Last declined: ', ground: 'Ground of declining or designating: ', responsible: '{city} is believed responsible', declines: 'declined {n} times', consent: 'Goes with who the citizen is', noConsent: 'Goes without who the citizen is',
    act: { offer: 'The transfer', accept: 'Accepting', decline: 'Declining', recall: 'Recalling', withdraw: 'Withdrawing', dispute: 'Referring' },
  },
  timeline: { title: 'History', public: 'Public', readings: 'Who looked', noReadings: 'Nobody has looked yet.' },
  attach: { title: 'Attachments', untitled: 'Untitled', one: 'Upload {name}', open: 'Open file', explain: 'This came from the petitioner. Opening it is logged; they can see who looked and why.' },
  acts: { title: 'Acts', none: 'Nothing for you to do now.', closed: 'Closed now ({n})' },
  act: {
    done: '{act}: done',
    return: { ground: 'Ground (law or catalogue)' }, extend: { reason: 'Reason', ground: 'Ground' }, suspend: { reason: 'Cause', ground: 'Ground' },
    hand_off: { words: 'What was agreed', unit: 'Linked unit' }, hand_back: { words: 'Note', reason: 'Reason' }, merge: { words: 'Note' }, delegate: { unit: 'Unit below' },
    reopen: { reason: 'Reason' }, redirect: { told: 'What the citizen is told' },
    recall: { reason: 'Why it is taken back' }, refer: { words: 'Our papers (for the coordinator alone)' }, decline: { reason: 'Why it is declined', responsible: 'City believed responsible', words: 'Explanation (for the other city alone)' },
    dispute: { ground: 'Objection' }, callback: { words: 'In their words' },
  },
  field: {
    application: 'Application', needed: 'Please fill this in.', time: 'Time', state: 'State', kind: 'Kind', urgency: 'Urgency', district: 'District', category: 'Category', title: 'Title', disposition: 'Branch', reason: 'Reason', told: 'What the citizen is told', citation: 'Article and version',
    evidence: 'Evidence', channel: 'Channel', targetCity: 'City', unit: 'Unit', answer: 'Answer', outcome: 'Outcome', threeWay: 'Three-way call', lifeAtRisk: 'Life at risk', words: 'Words', lead: 'Lead',
    assist: 'Assisting', instruction: 'Instruction', brief: 'Brief (what the units read)', main: 'Main order', reached: 'Reached', means: 'By', note: 'Note', question: 'What is missing (the citizen reads this)',
    draft_publicPart: 'Public answer (the citizen reads this)', draft_conclusion: 'Conclusion', draft_measures: 'Measures', draft_ground: 'Policy and source', draft_internalPart: 'Internal part', pass: 'Verdict', remark: 'Remark',
    contacted: 'Did the unit contact you', solved: 'Is it solved', resultGrade: 'Result', attitudeGrade: 'Attitude', facts: 'New facts', ground: 'Ground', suggestedUnit: 'Whose duty it is', agree: 'Will you take it',
    uphold: 'Decision', stands: 'Let it stand', catalogue: 'Into the catalogue', days: 'Working days', untilTime: 'Until', responsible: 'Responsible', milestones: 'Milestones', figure: 'Figure', supervised: 'Watch',
    target: 'To city', mode: 'How', basis: 'Clause it rests on (nothing of the case)', consent: 'Does the citizen agree that who they are goes along?', call: 'Reference of the call', callsBack: 'Who calls back', targetCategory: 'Code of the category there (if known)', done: 'Done so far',
  },
  yesno: {
    true: 'Yes', false: 'No', uphold: { true: 'Uphold', false: 'Reject' }, pass: { true: 'Pass', false: 'Send back' }, reached: { true: 'Reached', false: 'Not reached' },
    solved: { true: 'Solved', false: 'Not solved' }, agree: { true: 'Agree', false: 'Object' }, supervised: { true: 'Watch', false: 'Stop watching' }, consent: { true: 'Agrees: it goes along', false: 'Does not agree' },
  },
  option: {
    ...disposition, ...conclusion, ...grade,
    OUTCOME_UNSPECIFIED: '', TAKEN: 'They take it', KEPT: 'The hotline keeps it', BOTH: 'They act, the hotline follows', phone: 'Phone', visit: 'Visit', message: 'Message', relay: 'The hotline calls for us', sms: 'SMS', web: 'Web',
    OTHER_PLACE: 'Other place', OTHER_DUTY: 'Other duty', UNCLEAR_OWNER: 'Owner unclear', SHARED_DUTY: 'Shared duty', INSUFFICIENT: 'Too little information', DUPLICATE: 'Duplicate', IN_PROCEDURE: 'In legal procedure', OTHER: 'Other',
    other_place: 'Other place', other_duty: 'Other duty', unclear_owner: 'Owner unclear', shared_duty: 'Shared duty', insufficient: 'Too little information', duplicate: 'Duplicate', in_procedure: 'In legal procedure', other: 'Other',
    COLD: 'As an order', HOT: 'With the call', TARGET: 'The city that handles it', ORIGIN: 'The city it comes from', NOT_OUR_PLACE: 'Not in our city', NOT_OUR_DUTY: 'Not our duty', INCOMPLETE: 'Papers missing', ALREADY_HERE: 'Taken in here already',
    season: 'Season', engineering: 'Engineering', history: 'History', RESPONSE: 'Response rate', SOLVED_RATE: 'Solved rate', SATISFACTION: 'Satisfaction', TIMELINESS: 'In time', dispute: 'Dispute', returns: 'Too many returns', reworks: 'Too many reworks',
  },
  heard: { agrees: 'they agree', objects: 'they object', silent: 'no word in time: they agree' },
  application: {
    any: 'All applications', by: 'Asked by', reason: 'Reason: ', ground: 'Ground: ', evidence: 'Evidence: ', suggested: 'Believed responsible: ', first: 'First level: ', decision: 'Decision: ', until: 'until {at}', due: 'decide by {at}', dueTitle: 'Due',
    empty: 'No such applications', emptyHint: 'Returns, extensions and suspensions appear here.',
    kind: { return: 'Return', adjudication: 'Adjudication', extension: 'Extension', suspension: 'Suspension', unreasonable: 'Unreasonable claim', appeal: 'Appeal', score_appeal: 'Score appeal', contest: 'Contest' },
    standing: { open: 'Open', first: 'Second level', upheld: 'Upheld', rejected: 'Rejected', lapsed: 'Lapsed', expired: 'Expired', revoked: 'Revoked' },
  },
  suggest: { title: 'Suggestions', none: 'No suggestions just now: choose the unit yourself.' },
  door: { title: 'Ground' },
  reply: { template: 'Use template', clean: 'Checks passed', blocking: 'Must change', advice: 'Advice' },
  rating: { link: 'Rating link (works once): ' },
  intake: {
    keys: 'Tab goes on, Alt 1–7 picks the branch, Ctrl ↵ sends', kept: 'Draft kept on this machine', wordsHint: 'What happened, since when, what is wanted', locationHint: 'Road, estate, number or landmark', categoryHint: 'Type a name or code',
    guess: 'Catalogue: {category} ({words})', more: 'Channel, address', lawEnforcement: 'Law enforcement or mediation (left out of satisfaction)', next: 'Next', taken: 'Taken in', number: 'Order number', code: 'Follow-up code', beside: 'Caller and repeats', hints: 'May be the same matter', repeat: 'Mark as repeat',
    caller: 'Earlier requests', newCaller: 'Nothing under this number.', callerHint: 'Earlier requests appear here once there is a number.', tips: 'Listen, then write', tip1: 'What happened', tip2: 'Where: district, place, number', tip3: 'Since when, how often', tip4: 'What is wanted', tip5: 'How to reach, confidential or not',
    submit: { IN_SCOPE: 'Take in', ANSWERED_ON_SPOT: 'Answer and close', EMERGENCY_TRANSFER: 'Hand to emergency line', LEGAL_CHANNEL: 'Tell and record', EXPLAIN_DECLINE: 'Explain and record', POLICE_REFERRAL: 'Ask for approval', CROSS_CITY: 'Send to that city' },
  },
  branch: {
    IN_SCOPE: 'The hotline takes it in for a unit to handle.', ANSWERED_ON_SPOT: 'The knowledge base has the answer; name the article.', EMERGENCY_TRANSFER: 'A matter of 110, 119, 120 or 122: connect first, life first.', LEGAL_CHANNEL: 'Court, arbitration, review, petition: say where and how.',
    EXPLAIN_DECLINE: 'Secrets, privacy, public order: say why, keep no secret.', POLICE_REFERRAL: 'Harassment of the line: keep evidence, another person approves.', CROSS_CITY: 'Another city’s matter: sent there and followed.',
  },
  search: { placeholder: '24-digit order number, whole caller number, or a page', inList: 'In this list', room: 'Page', none: 'Not found, or out of your scope.', hits: 'Hits', whole: 'Whole caller number', find: 'Find', start: 'Find by caller number', hint: 'The whole number is needed; it never stands in the address.' },
  cluster: { empty: 'No clusters now', hint: 'Many requests about one place and matter appear here.', where: 'Where', orders: 'Orders', latest: 'Latest', onePlace: 'One place', district: 'One district' },
  people: {
    add: 'Add person', empty: 'Nobody yet', posts: 'Posts', since: 'Since', disabled: 'Disabled', grant: 'Grant', grantTo: 'Grant {who} a post', revoke: 'Revoke ', revokeSure: 'Revoke “{post}” of {who}? It counts from the next request.', reset: 'Reset password',
    resetSure: 'Reset the password of {who}? All their sessions end.', end: 'Sign out', ended: '{who} is signed out', role: 'Role', loginHelp: 'Lower case letters, digits, dots, hyphens; 2 to 63.', password: 'First password', passwordOnce: 'The first password of {who}, shown only now. It must be changed at first login.',
  },
  unit: { add: 'Add unit', empty: 'No units', code: 'Code', parent: 'Above', retired: 'Retired', kind: { department: 'Department', district: 'District', street: 'Street or town', sub_centre: 'Sub-centre', utility: 'Utility', emergency: 'Linked unit' } },
  category: { add: 'Add category', empty: 'No categories', title: 'City name', national: 'National name', definition: 'Definition', distinguish: 'Mistaken for' },
  catalogue: { add: 'Add entry', empty: 'The catalogue is empty', keywords: 'Words', wholeCity: 'Whole city', notToStreet: 'Not to streets' },
  ledger: { actor: 'Account', order: '24-digit order number', empty: 'No readings', hint: 'Who sees something in the clear stands here for good.', who: 'Who', what: 'What', situation: 'Where', noRecords: 'No records', seq: 'No.', change: 'Change' },
  rule: {
    version: 'Version {n}, {who}, {at}', saved: 'Version {n} written', spans: 'Spans: 30m minutes, 2h hours, 4wh working hours, 1wd working days, 15d days. Running orders keep theirs.', byUrgency: 'By urgency', general: 'General', sideLives: 'Side lives, warnings, files', lists: 'Lists (one a line, parts between |)',
    reason: 'Reason', working: 'working', off: 'off', dayWrong: 'Line {n} should read: date | working or off | name', save: 'Write version', dispatch: 'Dispatch', sign: 'Sign', reply: 'Reply', contact: 'First contact', replyConsult: 'Reply to question', review: 'Review', callback: 'Callback', rework: 'Rework', callbackAttempts: 'Callback attempts', reworkRounds: 'Rework rounds', reopenWithin: 'Reopen within', repeatDays: 'Repeat window, days',
    revealMinutes: 'Reveal, minutes', ratingDays: 'Rating link, days', trackDays: 'Progress shown, days', accountRate: 'Calls/minute, account', addressRate: 'Calls/minute, address', days: 'City days (date | working or off | name)', templates: 'Templates (category | text)', forbiddenWords: 'Forbidden words', warnings: 'Warnings, percent', callbackChannels: 'Callback channels', source: 'Source',
    returnWithin: 'Return within', returnReview: 'Return review', hearing: 'Hearing', adjudication: 'Adjudication', returns: 'Returns before adjudication', extensionTimes: 'Extensions', extensionDays: 'Days each', extensionDecision: 'Extension decision', suspensionMonths: 'Suspension, months', suspensionReview: 'Suspension review', suspensionDecision: 'Suspension decision', awaiting: 'Waiting for citizen',
    climb: 'Overdue climbs after', hardReturns: 'Hard: returns', hardReworks: 'Hard: reworks', clusterOrders: 'Cluster orders', clusterDays: 'Cluster days', unreasonableReview: 'Unreasonable review', unreasonableDays: 'Unreasonable, days', appealWithin: 'Appeal within', appealReview: 'Appeal review', scoreAppealWithin: 'Score appeal within', scoreAppealReview: 'Score appeal review', contestWithin: 'Contest within', contestReview: 'Contest review',
    transferSign: 'Transfer: sign within', transferAnswer: 'Transfer: accept or decline within', transferCritical: 'Transfer: critical, or a call waits', transferSample: 'Sampled after another city handled, percent', citizenUrges: 'Urges by a citizen a day', citizenSupplements: 'Additions by a citizen a day',
    ratingCluster: 'Odd ratings, number', ratingMinutes: 'Odd ratings, minutes', attachments: 'Attachments', attachmentMib: 'MiB each',
    scoring: 'Scoring: weights of the three rates (together 100)', responseWeight: 'Weight of response', solvedWeight: 'Weight of solved', satisfactionWeight: 'Weight of satisfaction', responseGrounds: 'Also excluded from response', solvedGrounds: 'Also excluded from solved (law_enforcement, legal_procedure, unreasonable, withdrawn, unreachable)',
  },
  privacy: {
    situation: 'Situation', help: 'A press turns a cell: hidden, masked, clear. What no city may loosen is refused.', askHelp: 'Who may reveal for a reason, for a short time.', may: 'may ask', mayNot: 'no',
    at: { detail: 'Detail', list: 'List', search: 'Search', history: 'History', print: 'Print', export: 'Export', notify: 'Notice', callback: 'Callback', emergency: 'Emergency', share: 'Sharing', ask: 'Reveal' },
    class: { name: 'Name', phone: 'Phone', id_number: 'ID number', address: 'Address', email: 'E-mail', text: 'Free text', recording: 'Recording' }, sight: { hide: 'hidden', mask: 'masked', clear: 'clear' },
  },
  me: {
    password: 'Change password', must: 'Somebody else set your password. Change it before you start.', old: 'Old password', new: 'New password (10 or more)', again: 'New password once more', differ: 'The two differ.', change: 'Change password', changed: 'Changed; other sessions have ended', screen: 'Screen', theme: 'Theme',
    themes: { auto: 'System', light: 'Light', dark: 'Dark' }, density: 'Density', densities: { comfortable: 'Comfortable', compact: 'Compact' },
  },
  keys: { title: 'Keys', here: 'On this page', elsewhere: 'On other pages', numbers: 'Choices with a number beside them take that number while the focus is among them; arrows walk the matrix of progress.', branch: 'Branch (intake)', urge: 'Urge (open order of who calls)', supplement: 'Add (open order of who calls)', next: 'Next call (after taking in)', search: 'Search', move: 'Next, previous', open: 'Open', main: 'Main act', send: 'Send', cancel: 'Cancel', take: 'Take one', choose: 'Choose (bulk)', filter: 'Filter', refresh: 'Refresh', print: 'Print', help: 'Keys' },
  board: {
    today: 'Six figures of today', trend: 'Fourteen days', trendLabel: 'Lines of the orders received, concluded and overdue in the last fourteen days; as a table it has the number of each day', trendOf: '{what}, last fourteen days: {days}', comma: ', ', day: 'Day', yesterday: 'Yesterday', byNow: 'Yesterday by now', before: 'Before exclusions', good: 'numerator', due: 'denominator',
    pressure: 'Due soon and overdue', noRisk: 'No clock is due soon or overdue', step: 'Step', total: 'Total', hotline: 'Hotline', allRows: 'All {n} rows', fewer: 'Fewer', span: 'Span', spans: { week: '7 days', month: '30 days', thisMonth: 'This month' }, from: 'From', to: 'To',
    heat: 'Category × district', heatLabel: 'Heat map of categories and districts, {n} orders, {categories} categories, {districts} districts; as a table its numbers lead to the orders', noHeat: 'No orders in this span', asWhat: 'Show as', asChart: 'Chart', asTable: 'Table', orders: '{n} orders', allCategories: 'All categories', goDeeper: 'Look into: ', confidential: 'Confidential orders, in no category and no district:',
    units: 'Three rates by unit', rank: 'Place', score: 'Score', excluded: '{n} excluded', formulas: 'How it is counted (city rules, version {n})', leftOut: 'Excluded: ',
    asOf: 'As of {at}', refresh: 'Refresh', excel: 'Export Excel', image: 'Export picture', print: 'Print', exported: 'Exported; the city’s record has it', noChart: 'All charts are shown as tables: switch one back to export a picture.', old: 'Below are still the figures of {at}.', behind: 'Orders behind “{what}” on the', showAll: 'Show all',
  },
  figure: { received: 'Received', answered: 'Answered on the spot', dispatched: 'Dispatched', concluded: 'Concluded', overdue: 'Overdue', satisfaction: 'Satisfaction', response: 'Response', solved_rate: 'Solved', warned: 'Due soon', late: 'Overdue, open', heat: 'Category × district', confidential: 'Confidential orders' },
  caller: {
    title: 'Caller', nameless: 'No name given', count: '{open} open, {ended} ended lately', open: 'Still open', insteadOfNew: 'The same matter needs no new order: urge or supplement the old one, the units see it at once.', ended: 'Ended lately',
    urge: 'Urge', supplement: 'Supplement', urgeWords: 'What the caller urges', supplementWords: 'What the caller adds', served: 'The caller is served', branches: 'Which way for what',
    say: { urge: 'Your urging is recorded and the units see it at once. Your number and code stay the same.', supplement: 'What you added has gone to the units; nothing needs to be filed again. Your number and code stay the same.' },
  },
  words: {
    label: 'Whole caller number, or words of a title', start: 'Find by caller number or words of a title', hint: 'The number must be whole. Words, separated by blanks, are looked for in the titles you may see of the last half year. Neither stands in the address.', placeholder: 'Order number, whole caller number, words of a title, or a page',
  },
  preview: {
    title: 'See as role', help: 'A fictional order as this role sees it now, and as it would by the matrix that is not saved yet. The program shows it by the rules of real orders.', confidential: 'Confidential order', field: 'Field', now: 'Now', proposed: 'Once saved', recording: 'Recording',
    changed: '{n} will change (marked ◆).', same: 'Nothing changes for this role in this situation.', refused: 'This matrix can’t be saved: ',
  },
  audit: { from: 'From', until: 'Until', any: 'Any situation', take: 'Export', takenBy: 'Exported by {who} at {at}, {n} lines', ofOrder: 'This order only' },
  chain: {
    title: 'Chain check', help: 'History and read ledger are sealed line by line: no line is changed or removed unseen. Check one order, or those received on one day; the whole city is the operator’s “hotline audit verify”.', order: 'Order', day: 'Received on', check: 'Check', busy: 'Checking…', whole: 'Whole',
    broken: 'Changed in {n} places', walked: '{orders} orders, {lines} lines walked', line: 'line {n}', of: { event: 'History', reading: 'Read ledger' }, then: 'Do not go on working on these orders. Tell your administrator and who answers for security, and keep the database as it is.',
  },
  overdue: {
    help: 'Which unit is late, or soon late, at which stage of the open orders. A number leads to its orders. The darker, the more.', none: 'Nothing is late', noneHint: 'Orders near or past their time appear here by unit and stage.', late: '{n} late', soon: '{n} soon', all: 'All',
    sum: '{overdue} late, {warned} soon', hotline: 'Hotline (not dispatched)',
  },
  letter: { title: 'Papers', supervise: 'Letter of supervision', urge: 'Letter of urging', back: 'Back to the order' },
  past: {
    papers: 'Papers of both sides', title: 'Past verdicts (same matter, same unit)', none: 'No verdict near this one yet.', asks: 'Asks to return:', named: 'Named:', hotline: 'Hotline', says: 'Says', ground: 'Ground', evidence: 'Evidence', notHeard: 'Not heard', decided: 'Decided', disputes: 'Disputes because',
  },
  scene: { photo: 'Take a photo' },
  paper: { notThis: 'The screen is not printed as it stands. Press Print on the order: paper follows the city’s rules for printing.', help: 'Masked by the city’s rules for printing; the read ledger has it.', received: 'Received' },
  verb: {
    intake: 'Intake', answer: 'Answer', redirect: 'Show the right door', dispatch: 'Dispatch', sign: 'Sign', contact: 'Contact the citizen',
    reply: 'Reply', review: 'Review', callback: 'Call back', close: 'Close', reopen: 'Reopen', supplement: 'Supplement', urge: 'Urge',
    withdraw: 'Withdraw', invite_rating: 'Invite a rating', rate: 'Rate', delegate: 'Hand down', hear: 'Give a word',
    decide_return: 'Decide the return', dispute: 'Dispute the return', adjudicate: 'Adjudicate', extend: 'Ask for an extension',
    decide_extension: 'Decide the extension', suspend: 'Ask to lay by', decide_suspension: 'Decide the laying by',
    review_suspension: 'Review the laying by', resume: 'Resume', claim_unreasonable: 'Claim unreasonable',
    decide_unreasonable: 'Decide on unreasonable', appeal: 'Appeal', decide_appeal: 'Decide the appeal', appeal_score: 'Appeal the score',
    decide_score_appeal: 'Decide the score appeal', contest: 'Contest the refusal', decide_contest: 'Decide the contest', merge: 'Merge',
    split: 'Split', join: 'Joined', conclude: 'Concluded with the main order', supervise: 'Supervise', escalate: 'Escalate',
    climb: 'Reported upward', lapse: 'Ran out', hand_off: 'Hand off to an emergency line', hand_back: 'Hand back', attach: 'Attach a file',
    correct: 'Correct', reclaim: 'Reclaim', transfer: 'Transfer to a city', recall: 'Recall the transfer', refer: 'Refer to the coordinator',
    sign_for: 'Sign for the transfer', accept: 'Accept the transfer', decline: 'Decline the transfer', relay: 'Word from the other city',
    await: 'Wait for the citizen', return: 'Ask to return',
  },
  ...cities,
}

export default en
