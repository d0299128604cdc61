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
}
