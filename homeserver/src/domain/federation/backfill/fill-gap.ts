/** History that this server was not there for, fetched when somebody reads back to it. */
import { setTimeout } from 'node:timers/promises'
import { backfillRoom } from '@kith/spec/api/federation/backfill'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { prevEventIds } from '@kith/spec/events/references'
import { domainOf } from '@kith/spec/ids'
import { LruMap } from '../../../platform/lru-map.ts'
import type { Gap } from '../../../storage/events.ts'
import { wantedBefore } from '../../../storage/gaps.ts'
import type { RoomNumber } from '../../../storage/interning.ts'
import { type StoredEvent, standings } from '../../../storage/stored-event.ts'
import type { Filling, Homeserver } from '../../homeserver.ts'
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
/** A gap is left alone for this long when nobody has what is missing, and when nobody could be asked. */
const restMs = { nothing: 5 * 60_000, later: 1_000 }
/** Where all servers of a room are in a back-off, the first to come out of it is waited for that long at most. */
const longestBackOffMs = 3_000

interface Rest {
  outcome: Filling
  until: number
}

const resting = new WeakMap<Homeserver, LruMap<string, Rest>>()

/**
 * Asks servers in the room for what is missing behind a gap. Never throws: who reads back sees what is here.
 */
export async function fillGap(server: Homeserver, room: RoomNumber, gap: Gap): Promise<Filling> {
  const rests = resting.get(server) ?? new LruMap<string, Rest>(10_000)
  resting.set(server, rests)
  const name = `${room} ${gap.place.position} ${[...gap.missing].sort().join(' ')}`
  return server.receiving.run(`gap ${room}`, async () => {
    const rest = rests.get(name)
    if (rest && rest.until > server.clock.now()) return rest.outcome
    const outcome = await fill(server, room, gap).catch((error: unknown) => {
      server.logger.error({ err: error, room }, 'a gap in a timeline could not be filled')
      return 'later' as const
    })
    if (outcome !== 'filled') rests.set(name, { outcome, until: server.clock.now() + restMs[outcome] })
    return outcome
  })
}

async function fill(server: Homeserver, room: RoomNumber, gap: Gap): Promise<Filling> {
  const known = await knownRoom(server, await server.interning.rooms.name(server.database, room))
  if (!known) return 'nothing'
  const aside = [...(await server.events.byId(gap.missing)).values()].filter(
    (event) => event.room === room && event.rootAfter !== undefined,
  )
  const { peers, areAll } = await candidates(server, known)
  let outcome: Filling = areAll ? 'nothing' : 'later'
  for (const peer of peers) {
    const source: Source = {
      ...known,
      peer,
      asker: server.config.serverName,
      budget: { requests: 100, states: 2, until: performance.now() + patienceMs },
    }
    const got = await fillFrom(server, source, { gap, aside })
    if (got === 'filled') return got
    if (got === 'later') outcome = got
  }
  if (aside.length === 0) return outcome
  // What was missing has come in another way since.
  const source: Source = { ...known, peer: '', asker: '', budget: { requests: 0, states: 0, until: 0 } }
  const changed = await placeHistory(server, source, { gap, judged: { accepted: [], rejected: [] }, aside })
  return changed ? 'filled' : outcome
}

/**
 * Servers in the room that may be asked now, the one it is named after first, then those with most members; and whether
 * those are all.
 */
async function candidates(server: Homeserver, { room, roomId }: KnownRoom) {
  const { servers } = await server.rooms.members.of(room)
  const first = domainOf(roomId)
  const others = [...servers]
    .filter(([name]) => !server.isLocal(name))
    .sort(([a, x], [b, y]) => Number(b === first) - Number(a === first) || y - x)
    .map(([name]) => name)
  const isOpen = (name: string) => server.federation.backOff.waitMs(name) === 0
  const waitMs = Math.min(...others.map((name) => server.federation.backOff.waitMs(name)))
  if (waitMs > 0 && waitMs <= longestBackOffMs) await setTimeout(waitMs)
  return { peers: others.filter(isOpen).slice(0, serversTried), areAll: others.every(isOpen) }
}

async function fillFrom(
  server: Homeserver,
  source: Source,
  { gap, aside }: { gap: Gap; aside: readonly StoredEvent[] },
): Promise<Filling> {
  const given = await ask(server, source, gap)
  if (!given) return 'later'
  const related = await belonging(server, source, { gap, given })
  if (related.length === 0) return 'nothing'
  const ordered = inPrevOrder(related.sort((a, b) => a.pdu.depth - b.pdu.depth))
  const judged = await judgeHistory(server, source, ordered)
  try {
    if (judged.accepted.length + judged.rejected.length === 0) return 'later'
    return (await placeHistory(server, source, { gap, judged, aside })) ? 'filled' : 'nothing'
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
  return reachable(open, gap.missing, prevEventIds).filter(({ eventId }) => {
    const one = held.get(eventId)
    return one === undefined || one.standing === standings.outlier
  })
}

/** @returns `undefined` when the server gave no answer that means anything */
async function ask(server: Homeserver, source: Source, { missing }: Gap): Promise<RoomEvent[] | undefined> {
  try {
    return await askForEvents(server, source, {
      contract: backfillRoom,
      params: { roomId: source.roomId },
      query: { v: missing.slice(0, mostAsked), limit: eventsAtOnce },
      members: ['pdus'],
    })
  } catch (error) {
    if (error instanceof RemoteError) return isRefusal(error) ? [] : undefined
    if (error instanceof Inadmissible) return []
    throw error
  }
}

/** It was asked, and doesn't want to or has nothing. */
const isRefusal = ({ status = 0 }: RemoteError) => status >= 400 && status < 500 && status !== 429
