import type { SdkPerson } from '../harness/sdk-person.ts'
import type { Random } from './random.ts'
import { type Part, speak, type Talk, talk } from './talk.ts'
import { newTranscript, type Transcript } from './transcript.ts'

/** Who plays what. The servers are those the people are on. */
export interface Cast {
  /** Makes the room, admits, kicks and bans. */
  creator: SdkPerson
  invited: SdkPerson
  knocker: SdkPerson
  /** Is kicked, and comes back. */
  kicked: SdkPerson
  banned: SdkPerson
}

export interface Script {
  cast: Cast
  roomVersion: string
  messages: number
  random: Random
  /** How many events the slowest may be behind before the others wait; 20 by default. */
  lag?: number
  /** Called with the number of events so far after each that is answered. */
  onSaid?: (events: number) => void
}

export interface Conversation {
  transcript: Transcript
  /** Those in the room at the end. */
  present: SdkPerson[]
  /** The one who was kicked and came back. */
  returned: SdkPerson
  banned: SdkPerson
  /** Everything sent after the ban was seen by all. */
  afterBan: string[]
  /** The message that everybody has read. */
  read: string
}

const defaultLag = 20

/** Five people meet in a new room and talk, while one knocks, one is kicked and returns, and one is banned. */
export async function converse(script: Script): Promise<Conversation> {
  const { cast } = script
  const { creator, kicked, banned } = cast
  const everybody = Object.values(cast) as SdkPerson[]
  const transcript = newTranscript(await gather(cast, script.roomVersion), script.onSaid)
  const part = (people: SdkPerson[]) => talkAll(people, transcript, script)

  await part(everybody)

  await sees(creator, transcript, transcript.sent.get(kicked.userId)?.at(-1))
  await Promise.all([part(without(everybody, kicked)), kickAndReturn(cast, transcript.room)])

  await sees(creator, transcript, transcript.sent.get(banned.userId)?.at(-1))
  const present = without(everybody, banned)
  await creator.ban(banned, transcript.room, 'enough')
  await Promise.all(present.map((person) => person.seesMember(transcript.room, banned, 'ban')))
  await banned.sees(transcript.room, (view) => view.getMyMembership() === 'ban')
  const before = new Set([...transcript.sent.values()].flat())
  await part(present)

  const read = await closing(present, transcript, script)
  const afterBan = [...transcript.sent.values()].flat().filter((eventId) => !before.has(eventId))
  return { transcript, present, returned: kicked, banned, afterBan, read }
}

async function gather(cast: Cast, roomVersion: string): Promise<string> {
  const { creator, invited, knocker, kicked, banned } = cast
  const room = await creator.createRoom({
    preset: 'private_chat',
    name: 'A conversation',
    topic: 'Nothing is lost',
    room_version: roomVersion,
    invite: [invited.userId],
    initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
  })
  await Promise.all([kicked, banned].map((person) => creator.invite(person, room)))
  const admitKnocker = async () => {
    await knocker.knock(room, { via: creator.server.name })
    await creator.seesMember(room, knocker, 'knock')
    await creator.invite(knocker, room)
  }
  await Promise.all([
    admitKnocker(),
    ...[invited, kicked, banned].map((person) => enter(person, creator, room)),
  ])
  await enter(knocker, creator, room)
  const everybody = Object.values(cast) as SdkPerson[]
  await Promise.all(
    everybody.flatMap((viewer) => everybody.map((one) => viewer.seesMember(room, one, 'join'))),
  )
  return room
}

/** Accepts an invite once it is there. */
async function enter(person: SdkPerson, creator: SdkPerson, room: string): Promise<void> {
  await person.sees(room, (view) => view.getMyMembership() === 'invite')
  await person.join(room, { via: creator.server.name })
  await person.sees(room, (view) => view.getMyMembership() === 'join')
}

async function kickAndReturn({ creator, kicked }: Cast, room: string): Promise<void> {
  await creator.kick(kicked, room, 'come back in a moment')
  await kicked.sees(room, (view) => view.getMyMembership() === 'leave')
  // Else the SDK joins the time before the kick to that after it, and drops what lies between.
  await kicked.forget(room)
  await creator.invite(kicked, room)
  await enter(kicked, creator, room)
  await creator.seesMember(room, kicked, 'join')
}

/** A third of the conversation. */
async function talkAll(people: SdkPerson[], transcript: Transcript, script: Script): Promise<void> {
  const messages = Math.ceil(script.messages / 3)
  const { lag = defaultLag } = script
  const part = { messages, since: transcript.order.length, audience: people, lag }
  await Promise.all(people.map((person) => talk(person, role(person, transcript, { script, part }))))
}

/**
 * Everybody says a last word and hears that of the others; then the creator says one more, and all read it. It is
 * the last in the order of every server, so nobody's receipt seems to go backwards anywhere.
 */
async function closing(present: SdkPerson[], transcript: Transcript, script: Script): Promise<string> {
  const say = (person: SdkPerson) => {
    const part = { messages: present.length, since: transcript.order.length, audience: present, lag: 0 }
    return speak(person, role(person, transcript, { script, part }))
  }
  const words = await Promise.all(present.map(say))
  await Promise.all(present.flatMap((viewer) => words.map((word) => sees(viewer, transcript, word))))
  const read = await say(present[0] as SdkPerson)
  await Promise.all(present.map((viewer) => sees(viewer, transcript, read)))
  await Promise.all(present.map((person) => person.receipt(transcript.room, read)))
  return read
}

function role(
  person: SdkPerson,
  transcript: Transcript,
  { script, part }: { script: Script; part: Part },
): Talk {
  const random = script.random.fork(`${person.userId} ${transcript.order.length}`)
  return { transcript, part, random, moderators: [script.cast.creator.userId] }
}

async function sees(viewer: SdkPerson, { room }: Transcript, eventId: string | undefined): Promise<void> {
  if (eventId) await viewer.sees(room, (view) => view.findEventById(eventId) !== undefined, eventId)
}

function without(people: SdkPerson[], one: SdkPerson): SdkPerson[] {
  return people.filter((person) => person !== one)
}
