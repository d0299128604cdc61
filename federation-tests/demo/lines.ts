import type { Name } from './cast.ts'

/** Something that somebody does in a room. `key` lets later lines speak of it. */
export type Line = { by: Name } & (
  | { text: string; key?: string; replyTo?: string; mentions?: Name; html?: string; isEmote?: true }
  | { reacts: string; to: string }
  | { edits: string; text: string }
)

export const group = {
  name: 'Sunday walk · 周日徒步',
  topic: 'Round the lake, with breaks. 绕湖一圈，慢慢走。',
}

export const groupLines: Line[] = [
  {
    by: 'anna',
    key: 'idea',
    text: 'Good morning! The forecast for Sunday is splendid. Shall we finally walk round the lake?',
  },
  { by: 'ben', text: 'Yes! I have had the map on my wall for two years.' },
  { by: 'lin', text: '好主意！我周日有空。' },
  { by: 'lin', reacts: '🥾', to: 'idea' },
  { by: 'ben', reacts: '🎉', to: 'idea' },
  { by: 'mei', key: 'how long', text: '我也去。大概要走多久？' },
  {
    by: 'anna',
    key: 'hours',
    replyTo: 'how long',
    text: 'About four hours without breaks. With Ben’s breaks, six.',
  },
  { by: 'mei', reacts: '😂', to: 'hours' },
  { by: 'lin', reacts: '😂', to: 'hours' },
  { by: 'ben', text: 'I call them geological studies.' },
  { by: 'lin', key: 'fruit', text: '我可以带水果和茶。' },
  {
    by: 'anna',
    replyTo: 'fruit',
    text: 'For those of us with rusty Chinese: Lin brings fruit and tea. Thank you, Lin!',
  },
  { by: 'anna', reacts: '❤️', to: 'fruit' },
  { by: 'ben', text: 'Then I bring bread, cheese and the good knife.' },
  { by: 'mei', key: 'cakes', text: '我做一些芝麻饼，甜的那种 😄' },
  { by: 'ben', replyTo: 'cakes', text: 'Sesame cakes? I would walk round two lakes for those.' },
  { by: 'mei', text: 'One lake, two boxes. Settled.' },
  { by: 'anna', text: 'How do we get there? There is a train at 8:12, and a bus from its last stop.' },
  { by: 'lin', key: 'early', text: '8点12分有点早……' },
  {
    by: 'anna',
    replyTo: 'early',
    text: 'The next one is an hour later, and then we would be back after dark.',
  },
  { by: 'lin', key: 'fine', text: '好吧，早起一次没问题 💪' },
  { by: 'ben', reacts: '👏', to: 'fine' },
  { by: 'anna', reacts: '👏', to: 'fine' },
  { by: 'mei', key: 'where', text: '在哪儿集合？车站有两个门。' },
  { by: 'ben', key: 'gate', replyTo: 'where', text: 'At the west gate, under the clock.' },
  { by: 'anna', replyTo: 'gate', text: 'East! The west gate is closed, they are mending the roof.' },
  { by: 'ben', edits: 'gate', text: 'At the east gate, under the clock.' },
  { by: 'ben', text: 'I put it right above, before somebody waits at a fence.' },
  { by: 'mei', text: '东门，记住了。' },
  {
    by: 'anna',
    key: 'list',
    text: 'Please bring:\n- shoes that may get wet\n- a jacket\n- a cup for the tea',
    html: '<p>Please bring:</p><ul><li>shoes that <em>may get wet</em></li><li>a jacket</li><li>a cup for the tea</li></ul>',
  },
  { by: 'mei', reacts: '👍', to: 'list' },
  { by: 'lin', key: 'swim', text: '要带泳衣吗？' },
  { by: 'ben', replyTo: 'swim', text: 'You are braver than I am. That lake comes straight from a glacier.' },
  { by: 'lin', key: 'feet', text: '我说的是泡脚 😂' },
  { by: 'mei', reacts: '😂', to: 'feet' },
  { by: 'ben', reacts: '😂', to: 'feet' },
  { by: 'anna', text: 'Feet only, agreed.' },
  { by: 'mei', key: 'cousin', text: '我表妹可能也来，她刚搬到这里。可以吗？' },
  { by: 'anna', replyTo: 'cousin', text: 'Of course! The more of us, the better.' },
  { by: 'lin', text: '欢迎欢迎！' },
  { by: 'ben', key: 'cheese', text: 'Does she like cheese?' },
  { by: 'mei', replyTo: 'cheese', text: 'She is from Yunnan. She may know more about cheese than you do.' },
  { by: 'ben', isEmote: true, text: 'looks forward to being taught' },
  {
    by: 'anna',
    text: 'I looked at the path again: the bridge in the north is open, so we can go all the way round.',
  },
  { by: 'lin', text: '太好了，我最喜欢那座桥。' },
  { by: 'ben', text: 'From there it is half an hour to the café with the blue door.' },
  { by: 'anna', text: 'They bake on Sundays. I called them.' },
  { by: 'mei', key: 'plan', text: '那就这样定了：周日 8:12，东门，钟下面。' },
  { by: 'anna', reacts: '👍', to: 'plan' },
  { by: 'lin', reacts: '👍', to: 'plan' },
  { by: 'ben', reacts: '👍', to: 'plan' },
  { by: 'lin', text: '我已经设了三个闹钟。' },
  { by: 'ben', key: 'read', text: 'Three! I know that feeling.' },
  { by: 'mei', mentions: 'anna', text: '你能把那张大地图也带上吗？' },
  { by: 'ben', text: 'Mine stays on the wall, it is part of the wallpaper by now.' },
  { by: 'lin', text: '周日见！' },
]

/** Up to here everybody has read; what follows is new to Anna. */
export const readByAll = 'read'

/** Between Anna and Mei alone. */
export const directLines: Line[] = [
  { by: 'mei', text: 'Anna，谢谢你借我的书，我看完了！' },
  { by: 'anna', key: 'winter', text: 'Already? It took me a whole winter.' },
  { by: 'mei', reacts: '😄', to: 'winter' },
  { by: 'mei', text: '最后一章我看了两遍。' },
  { by: 'anna', text: 'The letter, right? I cried on the tram.' },
  { by: 'mei', key: 'book', text: '周日还给你。我还有一本想推荐给你。' },
  { by: 'anna', replyTo: 'book', text: 'With pleasure. And I bring you the second volume.' },
]
