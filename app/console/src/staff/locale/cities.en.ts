// Between and above the cities, in English.
import type zh from './cities.zh-CN'

const state = {
  queued: 'Queued', cancelled: 'Taken back unsent', offered: 'Offered', delivered: 'Delivered', signed: 'Signed for', accepted: 'Accepted', declined: 'Declined', disputed: 'Disputed', designated: 'Designated', handling: 'Handled',
  replied: 'Replied', concluded: 'Concluded', called_back: 'Called back', withdrawn: 'Withdrawn', expired: 'Accepted by silence',
}

const en: typeof zh = {
  cross: {
    tab: { lanes: 'Transfers', rules: 'Rules of the region', aids: 'Mutual aid' }, region: 'Region', regionOf: '{names}, {n} cities', noRegion: 'In no region yet', noRegionHint: 'Transfers appear here once the city is linked to a region.',
    backlog: '{n} acts wait here to be sent, the oldest since {at}. The city goes on; they are sent when the region answers.', lane: 'From → to', to: 'to', since: 'Age', due: 'Due', declines: 'Declines', pending: 'waits for the ledger', waitsForWord: 'to be designated',
    signDue: 'sign by {at}', answerDue: 'accept by {at}', age: { days: '{n} days', hours: '{n} hours', minutes: '{n} minutes' }, figures: 'Figures of the region', open: 'Open', over: 'Over, ever', disputed: 'To be designated', pairs: 'By pair of cities ({n})', states: 'By state', oldest: 'Oldest',
    any: { origin: 'From anywhere', target: 'To anywhere' }, onlyLate: 'Only overdue', onlyDisputed: 'Only to be designated', empty: 'No such transfers', emptyHint: 'Transfers of the region appear here, overdue ones first.', direction: 'Direction', dir: { out: 'From here', in: 'To here' },
    none: { out: 'Nothing was transferred', in: 'Nothing came from elsewhere' }, noneHint: 'A transfer stays here until it is called back.', one: 'A transfer', steps: 'How far it is', papers: 'Papers of both sides', noPapers: 'No papers yet.', history: 'Ledger', toOrder: 'Open the order', state,
    now: {
      queued: 'Waits in {origin} and is sent once the region answers.', offered: '{origin} offered it; {target} has not got it yet.', delivered: '{target} has it and is to sign for it.', signed: '{target} signed and is to accept or decline.', accepted: '{target} accepted and is answerable to the citizen.', declined: '{target} declined; {origin} may offer it elsewhere or refer it.',
      disputed: 'No city takes it; the coordinator is to designate one.', designated: 'The coordinator designated {target}.', handling: '{target} is working on it.', replied: '{target} replied and is to conclude.', concluded: '{target} concluded; the citizen is to be called back.', called_back: 'Called back; it is over.', withdrawn: 'Withdrawn; with {origin}.', expired: '{target} was silent, which is acceptance.',
    },
    step: { offered: '{origin} offers', delivered: '{target} has it', signed: '{target} signs', accepted: '{target} accepts', handling: '{target} handles', replied: '{target} replies', concluded: '{target} concludes', called_back: 'The citizen is called back' }, is: { done: ' (done)', now: ' (now)', open: ' (to come)' },
    act: { offer: 'Transfer', accept: 'Acceptance', decline: 'Decline', recall: 'Recall', withdraw: 'Withdrawal', dispute: 'Reference', designate: 'Designation' },
    designate: 'Designate', designateTo: 'Who has it from now on', basis: 'Clause', reasons: 'Reasons (for both cities)', designateHelp: 'A designation binds at once, and the cities get its reasons. Read both sides first.',
    rulesNow: 'Rules of the region (version {n})', rulesHelp: 'Spans: 2h, 30m, 15d, or 1d 12h. Saved rules go into the ledger and hold for what comes after.', rulesRead: 'Set by the coordinator, for all cities of the region.', spanWrong: 'Like 2h, 30m, 15d.', rulesHistory: 'History of the rules', noHistory: 'Never changed', noHistoryHint: 'Who changed what and when stands here.', version: 'Version',
    rule: { signLeast: 'To sign, at least', answerLeast: 'To accept or decline, at least', criticalSignLeast: 'Critical: to sign, at least', criticalAnswerLeast: 'Critical: to accept, at least', answerMost: 'To accept, at most', skew: 'Clocks may differ by', declines: 'Declines before a dispute', backlog: 'Backlog of the ledger (MiB)', verifyAtApply: 'Verify each entry as written' },
    aidHelp: 'When too many call, seats of another city of the region answer for an agreed time; what they hand over is accepted on arrival.', askAid: 'Ask for aid', helper: 'Which city', aidFrom: 'From (Beijing time)', aidTo: 'To (Beijing time)', seats: 'Seats', ground: 'Why', aid: 'Aid', aidOf: '{helper} for {asker}', aidTime: 'Time', agree: 'Agree', disagree: 'Decline', endAid: 'End it',
    aidClosed: 'The supervisor asks for aid and answers.', noAids: 'No mutual aid', noAidsHint: 'What this city asks of others, and others of it, appears here.',
  },
  nat: {
    tab: { versions: 'Versions', drafts: 'Drafts', compare: 'Compare' }, headline: 'Version {n}, {entries} entries', nth: 'Version {n}', version: 'Version', inForce: 'in force', toCome: 'to come', past: 'past', published: 'Published', digest: 'Digest', none: 'No list yet', noneHint: 'It appears once the State Council’s office publishes it.',
    take: 'Take away', page: 'Page to print', document: 'Signed document', key: 'Public key', acknowledge: 'Acknowledge version {n}', acknowledgedBy: 'Version {n} acknowledged by {who}, {at}', number: 'Number', what: 'Difference', expert: 'expert seats', showAll: 'Show what is the same too', noChange: 'The two are the same.', mark: { added: 'added', changed: 'changed', removed: 'not in it', same: 'same' },
    mode: { MODE_UNSPECIFIED: 'by itself', SUB_CENTER: 'Sub-centre', DUAL_NUMBER: 'Two numbers', WHOLE_MERGE: 'Merged whole' }, field: { mode: 'Mode', seq: 'Place', title: 'Title', authority: 'Authority', expert_seats: 'Expert seats', basis: 'Basis', effective_date: 'In force from', deadline_date: 'To be done by' },
    begin: 'Draft the next version', pickDraft: 'Choose a draft', draftLine: 'Draft {no} (version {n}, {standing})', noDraft: 'No draft under way', noDraftHint: 'A draft is edited, reviewed, signed and published here, one at a time.', draft: 'Draft', draftOf: 'Draft of version {n} (against {base})', authors: 'Written by', reviewer: 'Reviewed by', editHead: 'Title and dates', editEntry: 'Edit {number}', addEntry: 'Add an entry', takeOut: 'Take out',
    pass: 'Review', passed: 'Pass', sentBack: 'Send back', sure: 'Type the version number {n}', versionWrong: 'That is another number.', signHelp: 'Version {n} is signed with the office’s key, with {changes} changes. It can’t be edited after that.', publishHelp: 'Version {n} goes to all cities, in force from {at}. It can’t be taken back but by a newer one.', dropHelp: 'The draft of version {n} and its {changes} changes are given up.', from: 'From', to: 'To',
  },
}

export default en
