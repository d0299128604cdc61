import type { Messages } from '../messages.ts'

export const composer: Messages['composer'] = {
  message: '消息',
  send: '发送',
  replyTo: (name) => `回复 ${name}`,
  replyToSelf: '回复自己',
  editing: '编辑消息',
  cancelReply: '取消回复',
  cancelEdit: '取消编辑',
  mayNotWrite: '你不能在此聊天中发言。',
  encrypted: '此聊天已加密。当前版本的 Kith 无法读取或发送加密消息。',
}
