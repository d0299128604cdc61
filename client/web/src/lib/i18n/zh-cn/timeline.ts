import type { Messages } from '../messages.ts'

type Timeline = Messages['timeline']

const media: Timeline['media'] = {
  image: (name) => (name ? `图片：${name}` : '图片'),
  video: (name) => (name ? `视频：${name}` : '视频'),
  audio: (name) => (name ? `音频：${name}` : '音频'),
  file: (name) => (name ? `文件：${name}` : '文件'),
}

const membership: Timeline['membership'] = {
  joined: (who) => `${who}加入了`,
  left: (who) => `${who}离开了`,
  invited: (who, whom) => `${who}邀请了${whom}`,
  'invite-declined': (who) => `${who}拒绝了邀请`,
  'invite-withdrawn': (who, whom) => `${who}撤回了对${whom}的邀请`,
  kicked: (who, whom) => `${who}移出了${whom}`,
  banned: (who, whom) => `${who}封禁了${whom}`,
  unbanned: (who, whom) => `${who}解除了对${whom}的封禁`,
  knocked: (who) => `${who}申请加入`,
}

const changes: Timeline['changes'] = {
  created: (who) => `${who}发起了聊天`,
  named: (who, name) => `${who}将聊天命名为“${name}”`,
  unnamed: (who) => `${who}移除了聊天名称`,
  topic: (who, topic) => `${who}将话题改为“${topic}”`,
  noTopic: (who) => `${who}移除了话题`,
  'room-avatar': (who) => `${who}更换了聊天头像`,
  'encryption-on': (who) => `${who}开启了加密`,
  upgraded: (who) => `${who}将聊天移到了新的地方`,
  renamed: (who, name) => `${who}改名为${name}`,
  nameless: (who) => `${who}移除了名称`,
  picture: (who) => `${who}更换了头像`,
}

export const timeline: Timeline = {
  said: (name, line) => `${name}：${line}`,
  youToo: '你',
  because: (line, reason) => `${line}：${reason}`,
  media,
  membership,
  changes,
  sticker: (name) => (name ? `贴纸：${name}` : '贴纸'),
  location: '位置',
  redacted: '消息已删除',
  encrypted: '加密消息',
  unknownKind: '此应用无法显示的消息',

  messages: '消息',
  newMessages: '新消息',
  labelled: (name, time, line) => `${name}，${time}：${line}`,
  deletedBy: (name) => `${name}删除了这条消息`,
  deletedByMe: '你删除了这条消息',
  cannotDecrypt: '此消息已加密。此版本的 Kith 无法阅读。',
  edited: '（已编辑）',
  editFailed: '（编辑未发送）',
  readBy: (names) => `${names}已读`,
  queued: '等待发送',
  sent: '已发送',
  notSent: (reason) => `未发送。${reason}`,
  delete: '删除',
  newBelow: (count) => `${count} 条新消息`,
  toNewest: '跳到最新消息',
  beginning: '聊天从这里开始。',
  olderFailed: '无法加载更早的消息。',
  replyTo: (name, line) => `回复${name}：${line}`,
  replyMissing: '无法显示此消息。',
  spoiler: '隐藏内容',
  spoilerAbout: (about) => `隐藏内容：${about}`,
  gap: '正在加载消息…',
  gapFailed: '此处缺少部分消息。',
  typing: (names) => `${names}正在输入…`,
}
