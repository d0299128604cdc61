/** History that this server was not there for, fetched when somebody reads back to it. */
import { backfillRoom } from '@kith/spec/api/federation/backfill'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { domainOf } from '@kith/spec/ids'
import { LruMap } from '../../../platform/lru-map.ts'
import type { Gap } from '../../../storage/events.ts'
import { wantedBefore } from '../../../storage/gaps.ts'
import type { RoomNumber } from '../../../storage/interning.ts'
import { type StoredEvent, standings } from '../../../storage/stored-event.ts'
import type { Homeserver } from '../../homeserver.ts'
import { askForEvents } from '../ingest/ask.ts'
import { inPrevOrder, reachable } from '../ingest/prev-order.ts'
import { Inadmissible, type Source } from '../ingest/source.ts'
import { type KnownRoom, knownRoom } from '../known-room.ts'
import { RemoteError } from '../remote-error.ts'
import { judgeHistory } from './judge-history.ts'
import { placeHistory } from './place-history.ts'

const eventsAtOnce = 100
const mostAsked = 20
/** Somebody waits for the page. */
const patienceMs = 20_000
const serversTried = 3
/** A gap that nobody could fill is left alone for this long. */
const restMs = 5 * 60_000

const resting = new WeakMap<Homeserver, LruMap<string, number>>()

/**
 * Asks servers in the room for what is missing behind a gap.
 *
 * @returns whether the timeline changed there. Never throws: who reads back sees what is here
 */
export async function fillGap(server: Homeserver, room: RoomNumber, gap: Gap): Promise<boolean> {
  const rests = resting.get(server) ?? new LruMap<string, number>(10_000)
  resting.set(server, rests)
  const name = `${room} ${gap.place.position} ${[...gap.missing].sort().join(' ')}`
  if ((rests.get(name) ?? 0) > server.clock.now()) return false
  return server.receiving.run(`gap ${room}`, async () => {
    const isFilled = await fill(server, room, gap).catch((error: unknown) => {
      server.logger.error({ err: error, room }, 'a gap in a timeline could not be filled')
      return false
    })
    if (!isFilled) rests.set(name, server.clock.now() + restMs)
    return isFilled
  })
}

async function fill(server: Homeserver, room: RoomNumber, gap: Gap): Promise<boolean> {
  const known = await knownRoom(server, await server.interning.rooms.name(server.database, room))
  if (!known) return false
  const aside = [...(await server.events.byId(gap.missing)).values()].filter(
    (event) => event.room === room && event.rootAfter !== undefined,
  )
  for (const peer of await candidates(server, known)) {
    const source: Source = {
      ...known,
      peer,
      asker: server.config.serverName,
      budget: { requests: 100, states: 2, until: performance.now() + patienceMs },
    }
    if (await fillFrom(server, source, { gap, aside })) return true
  }
  if (aside.length === 0) return false
  // What was missing has come in another way since.
  const source: Source = { ...known, peer: '', asker: '', budget: { requests: 0, states: 0, until: 0 } }
  return placeHistory(server, source, { gap, judged: { accepted: [], rejected: [] }, aside })
}

/** Servers in the room, the one it is named after first, then those with most members. */
async function candidates(server: Homeserver, { room, roomId }: KnownRoom): Promise<string[]> {
  const { servers } = await server.rooms.members.of(room)
  const first = domainOf(roomId)
  return [...servers]
    .filter(([name]) => !server.isLocal(name) && server.federation.backOff.waitMs(name) === 0)
    .sort(([a, x], [b, y]) => Number(b === first) - Number(a === first) || y - x)
    .slice(0, serversTried)
    .map(([name]) => name)
}

async function fillFrom(
  server: Homeserver,
  source: Source,
  { gap, aside }: { gap: Gap; aside: readonly StoredEvent[] },
): Promise<boolean> {
  const related = await belonging(server, source, { gap, given: await ask(server, source, gap) })
  if (related.length === 0) return false
  const ordered = inPrevOrder(related.sort((a, b) => a.pdu.depth - b.pdu.depth))
  const judged = await judgeHistory(server, source, ordered)
  try {
    if (judged.accepted.length + judged.rejected.length === 0) return false
    return await placeHistory(server, source, { gap, judged, aside })
  } catch (error) {
    for (const event of judged.accepted) server.events.drop(event)
    throw error
  }
}

/** Of what a peer gave, the events that belong into the gap: not what is placed, nor what an older gap waits for. */
async function belonging(
  server: Homeserver,
  { room }: Source,
  { gap, given }: { gap: Gap; given: readonly RoomEvent[] },
): Promise<RoomEvent[]> {
  const ids = given.map(({ eventId }) => eventId)
  const held = await server.events.byId(ids)
  const older = await wantedBefore(server.database, { room, eventIds: ids, position: gap.place.position })
  const open = given.filter(({ eventId }) => !held.get(eventId)?.place && !older.has(eventId))
  return reachable(open, gap.missing, 'prev_events').filter(({ eventId }) => {
    const one = held.get(eventId)
    return one === undefined || one.standing === standings.outlier
  })
}

async function ask(server: Homeserver, source: Source, { missing }: Gap): Promise<RoomEvent[]> {
  try {
    return await askForEvents(server, source, {
      contract: backfillRoom,
      params: { roomId: source.roomId },
      query: { v: missing.slice(0, mostAsked), limit: eventsAtOnce },
      members: ['pdus'],
    })
  } catch (error) {
    if (error instanceof RemoteError || error instanceof Inadmissible) return []
    throw error
  }
}
