import type { ItemBody, MembershipChange } from '../../../../../core/views.ts'
import { plural } from '../plural.ts'

type Media = Extract<ItemBody, { kind: 'media' }>['media']

const media: Record<Media, (name: string) => string> = {
  image: (name) => (name ? `Photo: ${name}` : 'Photo'),
  video: (name) => (name ? `Video: ${name}` : 'Video'),
  audio: (name) => (name ? `Audio: ${name}` : 'Audio'),
  file: (name) => (name ? `File: ${name}` : 'File'),
}

/** `who` is "You" or a name; `whom` is "you" or a name. */
const membership: Record<MembershipChange, (who: string, whom: string) => string> = {
  joined: (who) => `${who} joined`,
  left: (who) => `${who} left`,
  invited: (who, whom) => `${who} invited ${whom}`,
  'invite-declined': (who) => `${who} declined the invitation`,
  'invite-withdrawn': (who, whom) => `${who} took back the invitation for ${whom}`,
  kicked: (who, whom) => `${who} removed ${whom}`,
  banned: (who, whom) => `${who} banned ${whom}`,
  unbanned: (who, whom) => `${who} lifted the ban on ${whom}`,
  knocked: (who) => `${who} asked to join`,
}

const changes = {
  created: (who: string) => `${who} started the chat`,
  named: (who: string, name: string) => `${who} named the chat “${name}”`,
  unnamed: (who: string) => `${who} removed the name of the chat`,
  topic: (who: string, topic: string) => `${who} changed the topic to “${topic}”`,
  noTopic: (who: string) => `${who} removed the topic`,
  'room-avatar': (who: string) => `${who} changed the picture of the chat`,
  'encryption-on': (who: string) => `${who} turned on encryption`,
  upgraded: (who: string) => `${who} moved the chat to a new place`,
  renamed: (who: string, name: string) => `${who} changed name to ${name}`,
  nameless: (who: string) => `${who} removed their name`,
  picture: (who: string) => `${who} changed picture`,
}

export const timeline = {
  // --- one line for a message or a change (timeline/body-text.ts)
  said: (name: string, line: string) => `${name}: ${line}`,
  /** “you”, as the one to whom something is done. */
  youToo: 'you',
  because: (line: string, reason: string) => `${line}: ${reason}`,
  media,
  membership,
  changes,
  sticker: (name: string) => (name ? `Sticker: ${name}` : 'Sticker'),
  location: 'Location',
  redacted: 'Message deleted',
  encrypted: 'Encrypted message',
  unknownKind: 'A message this app cannot show',

  // --- the list
  messages: 'Messages',
  newMessages: 'New',
  /** What a screen reader says of a message. */
  labelled: (name: string, time: string, line: string) => `${name}, ${time}: ${line}`,
  deletedBy: (name: string) => `${name} deleted this message`,
  deletedByMe: 'You deleted this message',
  cannotDecrypt: 'This message is encrypted. This version of Kith cannot read it.',
  edited: '(edited)',
  editFailed: '(edit not sent)',
  readBy: (names: string) => `Read by ${names}`,
  queued: 'Waits to be sent',
  sent: 'Sent',
  /** `reason` is a sentence, or empty. */
  notSent: (reason: string) => `Not sent. ${reason}`.trim(),
  delete: 'Delete',
  newBelow: (count: number) => plural(count, '1 new message', `${count} new messages`),
  toNewest: 'Go to the newest message',
  beginning: 'This is where the chat begins.',
  olderFailed: 'Older messages could not be loaded.',
  replyTo: (name: string, line: string) => `In reply to ${name}: ${line}`,
  replyMissing: 'This message cannot be shown.',
  spoiler: 'Spoiler',
  spoilerAbout: (about: string) => `Spoiler: ${about}`,
  gap: 'Loading messages …',
  gapFailed: 'Messages are missing here.',
  typing: (names: string, count: number) => `${names} ${plural(count, 'is', 'are')} typing …`,
}
