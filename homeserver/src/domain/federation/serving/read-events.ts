/** Events and history, for the servers in a room. */
import { prevEventIds } from '@kith/spec/events/references'
import { type StoredEvent, standings } from '../../../storage/stored-event.ts'
import type { Homeserver } from '../../homeserver.ts'
import { shownTexts } from './shown-events.ts'
import { eventForMember, roomForMember } from './standing.ts'

/** Source: server-server API, "Backfilling and retrieving missing events". */
const mostBackfilled = 100
const mostMissing = 100
const usualMissing = 10
/** Starting points of a walk that are looked at. */
const mostStarts = 20

/** The answer that holds some events. */
export function transactionOf(server: Homeserver, texts: readonly string[]): string {
  const frame = { origin: server.config.serverName, origin_server_ts: server.clock.now() }
  return `${JSON.stringify(frame).slice(0, -1)},"pdus":[${texts.join(',')}]}`
}

/** @throws M_NOT_FOUND, M_FORBIDDEN */
export async function readEvent(server: Homeserver, origin: string, eventId: string): Promise<string> {
  const { event, known } = await eventForMember(server, origin, eventId)
  return transactionOf(server, await shownTexts(server, { origin, known }, [event]))
}

/** The events before and with some, newest first. @throws M_FORBIDDEN */
export async function readBackfill(
  server: Homeserver,
  origin: string,
  { roomId, from, limit }: { roomId: string; from: readonly string[]; limit: number },
): Promise<string> {
  const known = await roomForMember(server, origin, roomId)
  const events = await walk(server, {
    room: known.room,
    start: from.slice(0, mostStarts),
    skip: new Set(),
    limit: Math.min(limit, mostBackfilled),
  })
  return transactionOf(server, await shownTexts(server, { origin, known }, events))
}

export interface MissingRequest {
  roomId: string
  earliest: readonly string[]
  latest: readonly string[]
  limit?: number
  minDepth?: number
}

/** The events between some that a server has and some that it got, oldest first. @throws M_FORBIDDEN */
export async function readMissing(
  server: Homeserver,
  origin: string,
  { roomId, earliest, latest, limit = usualMissing, minDepth = 0 }: MissingRequest,
): Promise<string> {
  const known = await roomForMember(server, origin, roomId)
  const last = [...(await server.events.byId(latest.slice(0, mostStarts))).values()]
  const events = await walk(server, {
    room: known.room,
    start: last.filter(({ room }) => room === known.room).flatMap(({ pdu }) => prevEventIds(pdu)),
    skip: new Set([...earliest, ...latest]),
    limit: Math.min(limit, mostMissing),
    minDepth,
  })
  return `{"events":[${(await shownTexts(server, { origin, known }, events.reverse())).join(',')}]}`
}

interface Walk {
  room: number
  start: readonly string[]
  skip: ReadonlySet<string>
  limit: number
  minDepth?: number
}

/** Goes back through the graph, those of greatest depth first. What was rejected or has no place in it is left out. */
async function walk(
  server: Homeserver,
  { room, start, skip, limit, minDepth = 0 }: Walk,
): Promise<StoredEvent[]> {
  const seen = new Set<string>(skip)
  const found: StoredEvent[] = []
  let open: StoredEvent[] = []
  const add = async (ids: readonly string[]) => {
    const fresh = ids.filter((id) => !seen.has(id))
    for (const id of fresh) seen.add(id)
    for (const event of (await server.events.byId(fresh)).values()) {
      const isPart = event.room === room && event.rootBefore !== undefined
      if (isPart && event.standing !== standings.rejected && event.pdu.depth >= minDepth) open.push(event)
    }
    open = open.sort((a, b) => a.pdu.depth - b.pdu.depth)
  }
  await add(start)
  while (found.length < limit) {
    const next = open.pop()
    if (!next) break
    found.push(next)
    await add(prevEventIds(next.pdu))
  }
  return found
}
