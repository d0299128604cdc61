import type { JsonObject } from '@kith/spec/json'
import { path } from '../../harness/client-api.ts'
import { newPerson, type Person } from '../../harness/person.ts'
import type { TestServer } from '../../harness/server.ts'
import type { PresetClock } from './preset-clock.ts'

/** When the screens are looked at. */
export const today = new Date('2026-03-14T10:24:00Z')

export interface Seeded {
  /** Whose screens they are. */
  ada: Person
  ben: Person
  chen: Person
  dana: Person
  /** The room with all kinds of messages. */
  garden: string
  direct: string
  /** Where Dana may ban. */
  bargains: string
  oldFlat: string
  groupInvite: string
  directInvite: string
  /** Where Dana may decide who writes. */
  silenced: string
  /** Ada asked to join. */
  knocked: string
}

interface Stage {
  server: TestServer
  clock: PresetClock
  /** Sets the time of a day in March 2026, as `14 09:05`. */
  at(time: string): Promise<void>
}

/** Fills a server with people and talk, the same every time. */
export async function seed(server: TestServer, clock: PresetClock): Promise<Seeded> {
  const stage: Stage = {
    server,
    clock,
    at: (time) => clock.set(server, new Date(`2026-03-${time.replace(' ', 'T')}:00Z`)),
  }
  await stage.at('10 07:40')
  const [ada, ben, chen, dana] = await Promise.all([
    named(server, 'ada', 'Ada Moreno'),
    named(server, 'ben', 'Ben Okafor'),
    named(server, 'chen', '陈伟'),
    named(server, 'dana', 'Friederike von Hohenlohe-Waldenburg'),
  ])
  const cast = { ada, ben, chen, dana }
  const others = await manyChats(stage, cast)
  const garden = await gardenGroup(stage, cast)
  const direct = await directChat(stage, cast)
  return { ...cast, garden, direct, ...others, ...(await outside(stage, cast)) }
}

/** A person without any chat. */
export async function named(server: TestServer, localpart: string, displayname: string): Promise<Person> {
  const person = await newPerson(server, localpart)
  const at = path`/v3/profile/${person.userId}/displayname`
  await person.request({ method: 'PUT', path: at, body: { displayname } })
  return person
}

type Cast = Pick<Seeded, 'ada' | 'ben' | 'chen' | 'dana'>

async function group(host: Person, name: string, guests: Person[]): Promise<string> {
  const room = await host.createRoom({
    preset: 'private_chat',
    name,
    room_version: '12',
    invite: guests.map(({ userId }) => userId),
  })
  for (const guest of guests) await guest.join(room)
  return room
}

async function say(who: Person, room: string, content: string | JsonObject): Promise<string> {
  if (typeof content === 'string') return who.send(room, content)
  return who.sendEvent(room, 'm.room.message', content)
}

async function gardenGroup({ at }: Stage, { ada, ben, chen, dana }: Cast): Promise<string> {
  await at('11 18:02')
  const room = await group(ben, 'Neighbourhood garden', [ada, chen, dana])
  await at('11 18:05')
  const topic =
    'Who waters when, what grows, and where the key is. Please write here before you cut anything.'
  await ben.sendState(room, 'm.room.topic', { content: { topic } })
  await say(ben, room, 'Welcome everybody! The key hangs behind the blue door.')
  await say(chen, room, '大家好！我负责浇花，周二和周五都有空。')
  await at('13 09:12')
  const plan = await say(dana, room, {
    msgtype: 'm.text',
    body: 'The plan for Saturday: 1. rake 2. sow 3. cake',
    format: 'org.matrix.custom.html',
    formatted_body:
      '<p>The plan for <strong>Saturday</strong>, see <a href="https://example.org/plan">the long version</a>:</p>' +
      '<ol><li>rake the <em>whole</em> lawn</li><li>sow <code>Trifolium repens</code></li><li>cake</li></ol>' +
      '<blockquote><p>Bring gloves.</p></blockquote>' +
      '<pre><code class="language-text">bed 1  peas\nbed 2  beans, and much later pumpkins that need all the room there is\n</code></pre>',
  })
  await ada.react(room, plan, '👍')
  await ben.react(room, plan, '👍')
  await chen.react(room, plan, '🍰')
  await ada.sendEvent(room, 'm.room.message', replyTo(plan, 'I can bring the cake. Lemon or chocolate?'))
  await at('13 09:20')
  const typo = await say(chen, room, 'Choclate, of course')
  await chen.edit(room, typo, 'Chocolate, of course')
  const gone = await say(dana, room, 'Something that was not meant for here')
  await dana.redact(room, gone)
  await say(ben, room, { msgtype: 'm.emote', body: 'sharpens the spade' })
  await otherKinds(room, { ben, chen })
  await at('14 09:58')
  await say(ada, room, 'Good morning. The rain has stopped.')
  await say(
    ada,
    room,
    'I will be there at eleven, with two rakes and far too many seedlings: tomatoes, basil, and a pumpkin nobody asked for.',
  )
  await at('14 10:12')
  await say(ben, room, {
    msgtype: 'm.text',
    body: 'Ada Moreno: please bring the long hose too',
    'm.mentions': { user_ids: [ada.userId] },
  })
  const last = await say(chen, room, '好的，到时候见 🌱 https://example.org/map?from=here&to=the-garden')
  await dana.receipt(room, last)
  await ben.receipt(room, last)
  return room
}

/** What this client shows in a few words only. */
async function otherKinds(room: string, { ben, chen }: Pick<Cast, 'ben' | 'chen'>): Promise<void> {
  const info = { size: 482_133, w: 1600, h: 1200 }
  await say(chen, room, {
    msgtype: 'm.image',
    body: 'beds-in-march.jpg',
    url: 'mxc://kith.example/beds',
    info,
  })
  await say(chen, room, {
    msgtype: 'm.file',
    body: 'seed-list.pdf',
    url: 'mxc://kith.example/seeds',
    info: { size: 91_222 },
  })
  await say(ben, room, { msgtype: 'm.location', body: 'The garden gate', geo_uri: 'geo:52.52,13.40' })
  await ben.sendEvent(room, 'm.sticker', { body: 'a happy snail', url: 'mxc://kith.example/snail', info: {} })
  await say(ben, room, { msgtype: 'm.notice', body: 'Reminder: water is off until Friday.' })
  await say(chen, room, { msgtype: 'org.example.poll', body: 'Poll: peas or beans?' })
  await ben.sendEvent(room, 'm.room.encrypted', { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'AwgA' })
}

const replyTo = (event_id: string, body: string) => ({
  msgtype: 'm.text',
  body,
  'm.relates_to': { 'm.in_reply_to': { event_id } },
})

async function directChat({ at }: Stage, { ada, chen }: Cast): Promise<string> {
  await at('14 08:47')
  const room = await directRoom(chen, ada)
  await ada.join(room)
  await markDirect(ada, { [chen.userId]: [room] })
  await say(chen, room, '周末有空一起吃饭吗？')
  await say(ada, room, '有空！想吃什么？')
  await at('14 10:03')
  await say(chen, room, '火锅吧，我请客')
  await say(chen, room, '七点，老地方见')
  return room
}

async function directRoom(host: Person, guest: Person): Promise<string> {
  const body = { preset: 'trusted_private_chat', is_direct: true, invite: [guest.userId], room_version: '12' }
  const created = await host.request<{ room_id: string }>({ method: 'POST', path: '/v3/createRoom', body })
  return created.room_id
}

async function markDirect(person: Person, rooms: JsonObject): Promise<void> {
  const at = path`/v3/user/${person.userId}/account_data/m.direct`
  await person.request({ method: 'PUT', path: at, body: rooms })
}

/** Enough that the list scrolls, some of them read, muted, or with a long name. */
async function manyChats(
  { at }: Stage,
  { ada, ben, chen, dana }: Cast,
): Promise<Pick<Seeded, 'bargains' | 'oldFlat' | 'silenced'>> {
  const names = [
    'Book circle',
    '周末徒步',
    'House meeting',
    'Lunch',
    'Chess',
    'Choir rehearsal of the whole parish',
    '读书会',
    'Cycling',
    'Bees',
    'Lost and found',
    'School run',
    'Film night',
  ]
  let silenced = ''
  for (const [index, name] of names.entries()) {
    await at(`${10 + Math.floor(index / 5)} ${10 + index}:30`)
    const [host = ben, guest = dana] = index % 2 ? [chen, ben] : [dana, chen]
    const room = await group(host, name, [ada, guest])
    const last = await say(index % 3 ? host : ada, room, lines[index % lines.length] ?? '')
    if (index % 4) await ada.receipt(room, last)
    if (name === 'Bees') await mute(ada, room)
    if (name === 'Chess') silenced = room
  }
  await at('11 07:00')
  const bargains = await group(dana, 'Bargains', [ada])
  await at('11 07:05')
  const oldFlat = await group(dana, 'Old flat', [ada])
  return { bargains, oldFlat, silenced }
}

const lines = [
  'See you on Thursday then, same place as always, and do not forget the chairs',
  '明天早上八点在地铁站集合',
  'Agreed.',
  'Who took the big pot?',
  '这本书太好看了，一口气读完',
]

async function mute(person: Person, room: string): Promise<void> {
  const at = path`/v3/pushrules/global/room/${room}`
  await person.request({ method: 'PUT', path: at, body: { actions: [] } })
}

async function outside({ at }: Stage, { ada, ben, chen, dana }: Cast) {
  await at('14 10:15')
  const groupInvite = await group(dana, 'Allotment committee', [ben])
  await dana.invite(ada, groupInvite)
  const directInvite = await directRoom(ben, ada)
  const knocked = await chen.createRoom({
    preset: 'private_chat',
    name: 'Seed library',
    room_version: '12',
    initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
  })
  await ada.knock(knocked)
  await at('14 10:24')
  return { groupInvite, directInvite, knocked }
}
