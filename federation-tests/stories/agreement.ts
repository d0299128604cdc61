import assert from 'node:assert/strict'
import '../harness/quiet-sdk.ts'
import { MatrixError, type MatrixEvent, type Room } from 'matrix-js-sdk'
import { call, MatrixFailure, path } from '../harness/client-api.ts'
import { freshSdkDevice, type SdkPerson } from '../harness/sdk-person.ts'
import type { Conversation } from './conversation.ts'
import { sameItems, sameSequence } from './differences.ts'
import { finalText, type Transcript } from './transcript.ts'

/**
 * Checks that those in the room have seen the same, which is what was said, and the banned one only his part.
 *
 * Less is asked of Synapse: it pages by depth and syncs by arrival, so that one who begins in the middle misses what
 * lies between the two orders; and it doesn't page to all events from before its own join.
 */
export async function agree(conversation: Conversation): Promise<void> {
  const { transcript, present, returned, read } = conversation
  const looks = await Promise.all(present.map((person) => look(person, transcript.room)))
  const reference = looks[0]?.lived ?? []
  const opening = new Set(openingOf(reference, transcript))
  const afterOpening = (events: MatrixEvent[]) => events.filter((event) => !opening.has(event.getId() ?? ''))
  for (const { person, lived, fresh } of looks) {
    if (person.server.kind === 'kith') {
      check(person.userId, lived, { transcript, reference })
      check(`${person.userId} on a new device`, fresh, { transcript, reference })
    } else if (person !== returned) {
      check(person.userId, afterOpening(lived), { transcript, reference: afterOpening(reference) })
    }
    for (const reader of present) {
      const hasRead = (room: Room) => room.getEventReadUpTo(reader.userId, true) === read
      await person.sees(transcript.room, hasRead, `${reader.userId} has read ${read}`)
    }
  }
  await sameState(present, transcript.room)
  await sameReactions(present, transcript)
  await seesNothingMore(conversation)
}

/** What happened before the first word. */
function openingOf(timeline: MatrixEvent[], transcript: Transcript): string[] {
  const said = new Set([...transcript.sent.values()].flat())
  return ids(timeline).slice(
    0,
    ids(timeline).findIndex((id) => said.has(id)),
  )
}

/** The room as the client has it that was there all the time, and as a new one gets it. */
async function look(person: SdkPerson, room: string) {
  await using device = await freshSdkDevice(person)
  const [lived, fresh] = [await person.wholeTimeline(room), await device.wholeTimeline(room)]
  return { person, lived: lived.filter(isMeant), fresh: fresh.filter(isMeant) }
}

/** Synapse joins forks by events without content, which it hides from its own clients and which others take for any event. */
function isMeant(event: MatrixEvent): boolean {
  return event.getType() !== 'org.matrix.dummy_event'
}

function check(
  viewer: string,
  timeline: MatrixEvent[],
  { transcript, reference }: { transcript: Transcript; reference: MatrixEvent[] },
): void {
  sameItems(`the events that ${viewer} sees`, ids(timeline), ids(reference))
  const said = timeline.filter((event) => !event.isState())
  sameItems(`what ${viewer} sees said`, ids(said), transcript.order)
  for (const [sender, sent] of transcript.sent) {
    const known = new Set(sent)
    const seen = ids(timeline).filter((id) => known.has(id))
    sameSequence(`what ${viewer} sees of ${sender}`, seen, sent)
  }
  sameContents(viewer, timeline, transcript)
}

const ids = (events: readonly MatrixEvent[]) => events.map((event) => event.getId() ?? '')

function sameContents(viewer: string, timeline: MatrixEvent[], transcript: Transcript): void {
  const byId = new Map(timeline.map((event) => [event.getId(), event]))
  for (const message of transcript.messages) {
    const event = byId.get(message.eventId)
    const seen = event?.isRedacted() ? undefined : event?.getContent().body
    assert.equal(seen, finalText(message), `${viewer} reads ${message.eventId} otherwise`)
    for (const { eventId, redacted } of [...message.edits, ...message.reactions]) {
      assert.equal(byId.get(eventId)?.isRedacted(), redacted, `${viewer} sees ${eventId} otherwise`)
    }
  }
}

async function sameState(present: SdkPerson[], room: string): Promise<void> {
  const states = await Promise.all(
    present.map(async (person) => {
      const events = await person.client.roomState(room)
      return events.map((event) => `${event.type} ${event.state_key} ${event.event_id}`).toSorted()
    }),
  )
  for (const [index, state] of states.entries()) {
    sameItems(`the state that ${present[index]?.userId} sees`, state, states[0] ?? [])
  }
}

/** The relations the servers answer, for the messages with most reactions. */
async function sameReactions(present: SdkPerson[], transcript: Transcript): Promise<void> {
  const popular = transcript.messages
    .filter((message) => !message.redacted)
    .toSorted((a, b) => b.reactions.length - a.reactions.length)
    .slice(0, 5)
  for (const message of popular) {
    const wanted = message.reactions.filter((one) => !one.redacted).map((one) => one.eventId)
    for (const viewer of present) {
      const seen = await viewer.reactions(transcript.room, message.eventId)
      sameItems(`the reactions to ${message.eventId} that ${viewer.userId} sees`, seen, wanted)
    }
  }
}

async function seesNothingMore({ banned, transcript, afterBan }: Conversation): Promise<void> {
  assert.ok(afterBan.length > 0)
  const hidden = new Set(afterBan)
  const leaked = ids(await pastOf(banned, transcript.room)).filter((id) => hidden.has(id))
  sameItems(`what ${banned.userId} sees after the ban`, leaked, [])
  const access = { url: banned.server.url, token: banned.client.getAccessToken() ?? '' }
  for (const eventId of afterBan.slice(0, 5)) {
    const request = call(access, { method: 'GET', path: path`/v3/rooms/${transcript.room}/event/${eventId}` })
    await assert.rejects(request, isDenied)
  }
}

/** All that one who is no more in the room gets to see. Some servers don't let him page at all. */
async function pastOf(person: SdkPerson, room: string): Promise<MatrixEvent[]> {
  try {
    return await person.wholeTimeline(room)
  } catch (error) {
    if (person.server.kind === 'kith' || !(error instanceof MatrixError && error.httpStatus === 403))
      throw error
    return person.room(room).getLiveTimeline().getEvents()
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof MatrixFailure && [403, 404].includes(error.status)
}
