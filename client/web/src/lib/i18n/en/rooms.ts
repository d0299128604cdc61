import { plural } from '../plural.ts'

export const rooms = {
  chooseChat: 'Choose a chat to read it here.',
  startChat: 'Start a chat',
  /** At the end of a list of names. */
  others: (count: number) => `${count} ${plural(count, 'other', 'others')}`,
  empty: 'Empty chat',
  emptyOf: (names: string) => `Empty chat (with ${names} before)`,
  // --- the chat list
  new: 'Start something new',
  newChat: 'New chat',
  newGroup: 'New group',
  joinByAddress: 'Join by address',
  find: 'Find a chat',
  none: 'You have no chats yet.',
  noMatch: 'No chat has this name.',
  muted: 'Muted',
  draft: 'Draft:',
  asked: 'You asked to join',
  failed: (count: number) => `${count} ${plural(count, 'message', 'messages')} not sent`,
  mentions: (count: number) => plural(count, 'You are mentioned', `You are mentioned ${count} times`),
  unread: (count: number) => `${count} unread ${plural(count, 'message', 'messages')}`,
  hasNew: 'Something new',
  invitations: 'Invitations',
  invitesYou: (name: string) => `${name} invites you`,
  invited: 'You are invited',
  wantsToChat: 'wants to chat with you',
  accept: 'Accept',
  decline: 'Decline',
  width: 'Width of the chat list',
}
