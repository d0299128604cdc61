import { plural } from '../plural.ts'

export const people = {
  about: 'About this chat',
  topic: 'Topic',
  noTopic: 'No topic yet.',
  address: 'Address',
  members: 'People',
  count: (joined: number) => plural(joined, '1 person', `${joined} people`),
  leave: 'Leave',
  leaving: 'Leave this chat',

  invited: 'You are invited',
  invitedBy: (name: string) => `${name} invites you.`,
  invitedToChat: (name: string) => `${name} would like to chat with you.`,
  accept: 'Accept',
  decline: 'Decline',
  knocked: 'You asked to join',
  knockWaits: 'Somebody who may let you in has to answer. You need not wait here.',
  withdraw: 'Take back',
  left: 'You are no longer in this chat',
  joinAgain: 'Join again',
  banned: 'You are banned from this chat',
  bannedHint: 'You can come back when somebody who manages it lifts the ban.',
  unknown: 'You are not in this chat',
  unknownHint: 'You can try to join it, if it is open to all or you have been invited.',
  join: 'Join',
}
