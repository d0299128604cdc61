import type { Messages } from '../messages.ts'

export const rooms: Messages['rooms'] = {
  chooseChat: '选择一个聊天，在这里查看。',
  startChat: '发起聊天',
}
