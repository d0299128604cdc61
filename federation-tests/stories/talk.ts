import { setTimeout as after } from 'node:timers/promises'
import type { MatrixEvent } from 'matrix-js-sdk'
import type { SdkPerson } from '../harness/sdk-person.ts'
import type { Random } from './random.ts'
import type { Message, Transcript } from './transcript.ts'

/** A part of the conversation, shared by all who talk in it. */
export interface Part {
  /** How many messages may still be sent. */
  messages: number
  /** How much had been said before it. */
  since: number
  /** Those who are to hear it. */
  audience: readonly SdkPerson[]
  /** How many events the slowest of them may be behind before all others wait. */
  lag: number
}

export interface Talk {
  transcript: Transcript
  part: Part
  random: Random
  /** People who may redact what others said. */
  moderators: readonly string[]
}

/** How far back people look for something to answer to. */
const attention = 30

/** One person says, edits, answers and takes back things, one after the other, until the part is over. */
export async function talk(person: SdkPerson, talk: Talk): Promise<void> {
  while (talk.part.messages > 0) await act(person, talk)
}

async function act(person: SdkPerson, talk: Talk): Promise<void> {
  const { random } = talk
  const kind = random.below(100)
  await waitForAudience(talk)
  if (kind < 10) await listen(person, talk, 0)
  if (kind < 60) await speak(person, talk)
  else if (kind < 70) await edit(person, talk)
  else if (kind < 82) await react(person, talk)
  else if (kind < 90) await takeBack(person, talk)
  else if (kind < 95) await readAll(person, talk.transcript.room)
  else await person.typing(talk.transcript.room, random.chance(0.5))
}

export async function speak(person: SdkPerson, { transcript, part, random }: Talk): Promise<string> {
  part.messages -= 1
  const text = `${person.userId} says ${random.below(1e9).toString(36)} ${'🌿'.repeat(random.below(4))}`
  const eventId = await person.send(transcript.room, text)
  transcript.messages.push({
    eventId,
    author: person.userId,
    text,
    edits: [],
    reactions: [],
    redacted: false,
  })
  transcript.note(person.userId, eventId)
  return eventId
}

/** Waits until everybody has seen all but the last few events. Without this, a slow server drowns. */
async function waitForAudience(talk: Talk): Promise<void> {
  await Promise.all(talk.part.audience.map((person) => listen(person, talk, talk.part.lag)))
}

/**
 * The longest that anybody waits for others to hear. A server that lacks what an event builds on may drop it, and gets
 * it with the next that builds on it: so somebody has to go on. What all have seen in the end is checked then.
 */
const patienceMs = 5000

/** Waits until this person has seen all but the last few events. */
async function listen(person: SdkPerson, { transcript, part }: Talk, lag: number): Promise<void> {
  const index = transcript.order.length - 1 - lag
  const eventId = index >= part.since ? transcript.order[index] : undefined
  if (eventId === undefined) return
  const heard = person.sees(transcript.room, (view) => view.findEventById(eventId) !== undefined, eventId)
  await Promise.race([heard.catch(() => undefined), after(patienceMs, undefined, { ref: false })])
}

async function edit(person: SdkPerson, { transcript, random }: Talk): Promise<void> {
  const message = random.pick(ownMessages(person, transcript))
  if (!message) return
  const text = `${message.text}, edited ${message.edits.length + 1}`
  const eventId = await person.edit(transcript.room, message.eventId, text)
  message.edits.push({ eventId, text, redacted: false })
  transcript.note(person.userId, eventId)
}

async function react(person: SdkPerson, { transcript, random }: Talk): Promise<void> {
  const seen = visibleMessages(person, transcript.room).map((event) => event.getId())
  const message = random.pick(
    transcript.messages.filter((one) => !one.redacted && seen.includes(one.eventId)),
  )
  if (!message) return
  // The number keeps a person from giving the same answer twice, which is an error.
  const eventId = await person.react(transcript.room, message.eventId, `👍${random.below(1e9)}`)
  message.reactions.push({ eventId, redacted: false })
  transcript.note(person.userId, eventId)
}

/** Redacts an own message, edit or reaction, or as a moderator a message of somebody else. */
async function takeBack(person: SdkPerson, talk: Talk): Promise<void> {
  const { transcript, random } = talk
  const own = transcript.sent.get(person.userId) ?? []
  const mine = <T extends { eventId: string; redacted: boolean }>(things: T[]) =>
    things.filter((thing) => !thing.redacted && own.includes(thing.eventId))
  const seen = visibleMessages(person, transcript.room).map((event) => event.getId())
  const isModerator = talk.moderators.includes(person.userId)
  const recent = transcript.messages.slice(-attention)
  const target = random.pick([
    ...(isModerator ? recent.filter((one) => !one.redacted && seen.includes(one.eventId)) : mine(recent)),
    ...mine(recent.flatMap((message) => message.edits)),
    ...mine(recent.flatMap((message) => message.reactions)),
  ])
  if (!target) return
  target.redacted = true
  transcript.note(person.userId, await person.redact(transcript.room, target.eventId, 'second thoughts'))
}

export async function readAll(person: SdkPerson, room: string): Promise<void> {
  const newest = visibleMessages(person, room).at(-1)?.getId()
  if (newest) await person.receipt(room, newest)
}

function ownMessages(person: SdkPerson, transcript: Transcript): Message[] {
  return transcript.messages.filter((one) => one.author === person.userId && !one.redacted).slice(-attention)
}

/** Recent messages that have reached this person's client from its server. */
function visibleMessages(person: SdkPerson, room: string): MatrixEvent[] {
  const events = person.room(room).getLiveTimeline().getEvents()
  return events
    .slice(-attention)
    .filter((event) => event.getType() === 'm.room.message' && !event.status && !event.isRelation())
}
