import type { Messages } from '../messages.ts'

export const rooms: Messages['rooms'] = {
  chooseChat: '选择一个聊天，在这里查看。',
  startChat: '发起聊天',
  others: (count) => `另外 ${count} 人`,
  empty: '空聊天',
  emptyOf: (names) => `空聊天（曾有${names}）`,
}
