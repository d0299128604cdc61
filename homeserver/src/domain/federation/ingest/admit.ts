/** An event from another server, checked by itself, finds its way into a room with whatever it refers to. */
import { getMissingEvents } from '@kith/spec/api/federation/backfill'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { prevEventIds } from '@kith/spec/events/references'
import { MissingEvents } from '@kith/spec/rooms/state-resolution/resolve'
import { extremities, oldestDepth } from '../../../storage/events.ts'
import { standings } from '../../../storage/stored-event.ts'
import type { Homeserver } from '../../homeserver.ts'
import { MissingPrevious, type Outcome, placeEvent, TooManyBranches } from '../../rooms/place.ts'
import { RemoteError } from '../remote-error.ts'
import { askForEvents, fetchSingly } from './ask.ts'
import { bringAuthority, keepOutliers } from './authority.ts'
import { followersOf, inPrevOrder, reachable } from './prev-order.ts'
import { Inadmissible, type Source } from './source.ts'
import { fetchStateBefore } from './state-at.ts'

/**
 * Places an event, fetching what is missing before it from the server that sent it.
 *
 * @throws Inadmissible, RemoteError
 */
export async function admitEvent(server: Homeserver, source: Source, event: RoomEvent): Promise<Outcome> {
  const held = await server.events.one(event.eventId)
  if (held && held.standing !== standings.outlier) return 'held'
  // A part of the state with which the room came to us: it has its effect, and its place is in history.
  if (held && event.pdu.depth < (await oldestDepth(server.database, source.room))) return 'held'
  if ((await missingPrevious(server, event)).length > 0) {
    await bringPrevious(server, source, event)
    // Whatever was spent on the others, the event itself may still come with its state.
    source.budget.states++
  }
  return admitOne(server, source, { event })
}

async function missingPrevious(server: Homeserver, { pdu }: RoomEvent): Promise<string[]> {
  const known = await server.events.byId(prevEventIds(pdu))
  return prevEventIds(pdu).filter((id) => known.get(id)?.rootAfter === undefined)
}

/** Several rounds of a few events: what was missed in a short outage. Beyond them a gap remains. */
const rounds = 4
const eventsPerRound = 50

/** Fetches and places the events before one, oldest first, as far as the peer gives them and the budget goes. */
async function bringPrevious(server: Homeserver, source: Source, event: RoomEvent): Promise<void> {
  const found = new Map<string, RoomEvent>()
  // What lies before our own join is history: it is backfilled when somebody reads it.
  const minDepth = await oldestDepth(server.database, source.room)
  let frontier = [event]
  for (let round = 0; round < rounds && frontier.length > 0; round++) {
    const answer = await askForPrevious(server, source, { latest: frontier, minDepth })
    const fresh = answer.filter(
      (one) => !found.has(one.eventId) && one.eventId !== event.eventId && one.pdu.depth >= minDepth,
    )
    const wanted = frontier.flatMap(({ pdu }) => prevEventIds(pdu))
    const related = reachable(fresh, wanted, prevEventIds)
    for (const one of related) found.set(one.eventId, one)
    frontier = await withUnknownPrevious(server, related, found)
    if (fresh.length === 0) break
  }
  const following = followersOf([...found.values(), event])
  for (const one of inPrevOrder([...found.values()])) {
    try {
      await admitOne(server, source, { event: one, following: following(one.eventId) })
    } catch (error) {
      if (!(error instanceof Inadmissible) && !(error instanceof RemoteError)) throw error
    }
  }
}

async function askForPrevious(
  server: Homeserver,
  source: Source,
  { latest, minDepth }: { latest: readonly RoomEvent[]; minDepth: number },
): Promise<RoomEvent[]> {
  const earliest = await server.events.byNumber(await extremities(server.database, source.room))
  try {
    return await askForEvents(server, source, {
      contract: getMissingEvents,
      params: { roomId: source.roomId },
      body: {
        earliest_events: [...earliest.values()].map(({ eventId }) => eventId),
        latest_events: latest.map(({ eventId }) => eventId),
        limit: eventsPerRound,
        min_depth: minDepth,
      },
      members: ['events'],
    })
  } catch (error) {
    if (error instanceof RemoteError || error instanceof Inadmissible) return []
    throw error
  }
}

async function withUnknownPrevious(
  server: Homeserver,
  events: readonly RoomEvent[],
  found: ReadonlyMap<string, RoomEvent>,
): Promise<RoomEvent[]> {
  const unknown: RoomEvent[] = []
  for (const event of events) {
    const missing = await missingPrevious(server, event)
    if (missing.some((id) => !found.has(id))) unknown.push(event)
  }
  return unknown
}

const attempts = 3

async function admitOne(
  server: Homeserver,
  source: Source,
  { event, following }: { event: RoomEvent; following?: readonly string[] },
): Promise<Outcome> {
  await bringAuthority(server, source, event)
  for (let attempt = 1; ; attempt++) {
    const isCut = (await missingPrevious(server, event)).length > 0
    const stateBefore = isCut ? await fetchStateBefore(server, source, event) : undefined
    try {
      return await placeEvent(server, source.room, { event, stateBefore, following })
    } catch (error) {
      if (error instanceof TooManyBranches) throw new Inadmissible('the room has too many branches')
      if (attempt >= attempts) throw error
      if (error instanceof MissingEvents) await bring(server, source, error.ids)
      else if (!(error instanceof MissingPrevious)) throw error
    }
  }
}

/** Events of auth chains that the resolution of states wants. */
async function bring(server: Homeserver, source: Source, ids: readonly string[]): Promise<void> {
  await keepOutliers(server, source, await fetchSingly(server, source, ids))
}
