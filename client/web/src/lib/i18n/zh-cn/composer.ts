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

  actions: '操作',
  showActions: '显示操作',
  react: '回应',
  reply: '回复',
  edit: '编辑',
  copyText: '复制文字',
  delete: '删除',
  deleteTitle: '删除这条消息？',
  deleteForAll: '聊天中的所有人都将看不到它。',
  deleteUnsent: '它尚未发出，删除后不会再发送。',
  reason: '原因',

  reactions: '表情回应',
  reacted: (key, names) => `${key} ${names}`,
  othersToo: (count) => `另外 ${count} 人`,
  moreReactions: (count) => `还有 ${count} 个`,
  fewerReactions: '收起',
}
