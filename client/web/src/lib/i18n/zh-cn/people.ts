import type { Messages } from '../messages.ts'

export const people: Messages['people'] = {
  about: '聊天信息',
  topic: '群主题',
  noTopic: '尚未设置主题。',
  address: '地址',
  members: '成员',
  count: (joined) => `${joined} 人`,
  leave: '退出',
  leaving: '退出聊天',

  invited: '你收到一份邀请',
  invitedBy: (name) => `${name} 邀请你加入。`,
  invitedToChat: (name) => `${name} 想和你聊天。`,
  accept: '接受',
  decline: '拒绝',
  knocked: '你已申请加入',
  knockWaits: '需要有权限的成员批准。你不必在此等待。',
  withdraw: '撤回申请',
  left: '你已不在此聊天中',
  joinAgain: '重新加入',
  banned: '你已被此聊天封禁',
  bannedHint: '管理员解除封禁后，你可以重新加入。',
  unknown: '你不在此聊天中',
  unknownHint: '如果它对所有人开放，或你收到了邀请，可以尝试加入。',
  join: '加入',
}
