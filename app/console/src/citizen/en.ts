import type zh from './zh-CN'

const en: typeof zh = {
  app: { title: '12345 government hotline', city: 'City', changeCity: 'Change city', large: 'Large text', normal: 'Normal text', skip: 'Skip to content', home: 'Home', staff: 'Staff sign in', call: 'Call 12345' },
  home: { lead: 'Tell us about a problem, a need or an idea.', file: 'File a request', fileHint: 'Three steps, about 3 minutes', follow: 'Follow a request', followHint: 'With number and code', emergency: 'In danger, call 110, 119, 120 or 122.', pick: 'Choose your city', narrow: 'Type a city', noCity: 'No such city here. Please call 12345.' },
  kind: { COMPLAINT: 'Complaint', HELP: 'Help', CONSULT: 'Question', SUGGEST: 'Suggestion', REPORT: 'Report', PRAISE: 'Praise' },
  kindHint: { COMPLAINT: 'Unhappy with a service', HELP: 'I need help', CONSULT: 'I want to know', SUGGEST: 'I have an idea', REPORT: 'Something unlawful', PRAISE: 'Say thanks' },
  file: {
    photoTitle: 'Photo {n}', title: 'File a request', step: 'Step {n} of 3', what: 'What', where: 'Where', reach: 'How to reach you', kind: 'This is a', words: 'What happened, and what you want', wordsHint: 'The street lamp at our gate has been dark for three days; please repair it.', photos: 'Photos (optional)',
    photosHint: 'Show the place; location data in the photo is removed.', addPhoto: 'Take or choose a photo', remove: 'Remove', district: 'District', districtHint: 'e.g. Chaoyang', location: 'Place', locationHint: 'Road, estate, number or landmark', name: 'Name', phone: 'Mobile number', phoneHint: 'Only for calling you. Units see it masked, and you can see who looked.',
    confidential: 'Keep my identity from the unit concerned', next: 'Next', back: 'Back', submit: 'Submit', sending: 'Sending…', kept: 'What you typed is kept on this device; photos must be chosen again.', whereHint: 'A place helps the unit to come sooner; if there is none, press Next.', short: 'Please write a little more (at least 5 characters).', needKind: 'Please choose one.', needPhone: 'Please give a mobile number so that the unit can reach you.',
  },
  done: { title: 'We have received your request', number: 'Number', code: 'Code', keep: 'Keep number and code to follow your request. The code is shown only now.', copy: 'Copy', copied: 'Copied', print: 'Print', follow: 'Follow', files: '{n} photos sent', failed: '{n} photos could not be sent; try again on the progress page.' },
  follow: {
    title: 'Follow a request', number: '24-digit number', code: 'Code', find: 'Find', received: 'Received {at}', steps: 'What was done', answer: 'Answer', question: 'The unit asks you:', acts: 'You may', viewers: 'Who saw my data', noViewers: 'Nobody has seen your data in full.',
    viewersHint: 'Staff see masked data; to see all they must give a reason.', another: 'Another request', mine: 'What you gave us', closed: 'This request has ended.',
  },
  act: {
    add: 'Add facts', addFile: 'Add photos or papers', correct: 'Correct contact or place', urge: 'Urge', withdraw: 'Withdraw', contest: 'Contest the refusal', appeal: 'Appeal', addHint: 'What to add', contestHint: 'Your reason', appealHint: 'Your reason', correctPhone: 'New number', correctEmail: 'New e-mail', correctLocation: 'Correct place',
    urgeSure: 'Your urging is recorded and seen by all who work on it.', withdrawSure: 'A withdrawn request is not worked on. Are you sure?', send: 'Send', cancel: 'Cancel', done: 'Received', pickFile: 'Choose a file',
  },
  rate: { title: 'Please rate us', result: 'The result', attitude: 'The attitude', words: 'Your words (optional)', send: 'Send', thanks: 'Thank you', grades: { VERY_SATISFIED: 'Very satisfied', SATISFIED: 'Satisfied', FAIRLY_SATISFIED: 'Fairly satisfied', DISSATISFIED: 'Dissatisfied', VERY_DISSATISFIED: 'Very dissatisfied' }, hint: 'The link works once.' },
  state: { again: 'Try again', loading: 'Loading…', offline: 'No connection. What you typed is safe; press again when you are back online.', failed: 'That did not work. What you typed is safe; please try later.', trace: 'Trace', gone: 'No such page' },
  time: { weekdays: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] },
  register: { title: 'Hotline numbers of this city', lead: 'Which numbers are in use, which merged into 12345, and what you hear when you dial.', find: 'Find a number, name or office', none: 'No such number; call 12345.', pick: 'Choose your city first', again: 'Try again', changed: 'changed {at}', changes: 'Latest changes', print: 'Page to print', version: 'By version {n} of the national list', link: 'Hotline numbers', linkHint: 'Which numbers merged into 12345' },
}

export default en
