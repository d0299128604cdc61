import { plural } from '../plural.ts'

export const composer = {
  message: 'Message',
  send: 'Send',
  replyTo: (name: string) => `Reply to ${name}`,
  replyToSelf: 'Reply to yourself',
  editing: 'Edit message',
  cancelReply: 'Cancel the reply',
  cancelEdit: 'Cancel the edit',
  mayNotWrite: 'You cannot write in this chat.',
  encrypted: 'This chat is encrypted. This version of Kith cannot read or write encrypted messages.',

  actions: 'Actions',
  showActions: 'Show actions',
  react: 'React',
  reply: 'Reply',
  edit: 'Edit',
  copyText: 'Copy text',
  delete: 'Delete',
  deleteTitle: 'Delete this message?',
  deleteForAll: 'It is deleted for everyone in this chat.',
  deleteUnsent: 'It has not been sent yet, and will not be.',
  reason: 'Reason',

  reactions: 'Reactions',
  reacted: (key: string, names: string) => `${key} ${names}`,
  othersToo: (count: number) => plural(count, '1 other', `${count} others`),
  moreReactions: (count: number) => `${count} more`,
  fewerReactions: 'Show fewer',
}
