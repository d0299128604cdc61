/**
 * Old events find their states: that before the oldest is fetched, and rolled forward through the others, so that
 * who may see each is decided by the state of its time. Nothing is placed yet.
 */
import type { RoomEvent } from '@kith/spec/events/pdu'
import { prevEventIds } from '@kith/spec/events/references'
import { MissingEvents } from '@kith/spec/rooms/state-resolution/resolve'
import { storeStateRows } from '../../../storage/states.ts'
import { type StoredEvent, standings } from '../../../storage/stored-event.ts'
import { storeUnplaced } from '../../../storage/unplaced-events.ts'
import { threadOf } from '../../events/relation.ts'
import type { Homeserver } from '../../homeserver.ts'
import { authorizeByAuthEvents, authorizeByState } from '../../rooms/judge.ts'
import { pduBytes } from '../../rooms/pdu-bytes.ts'
import { resolveRoots } from '../../rooms/resolve.ts'
import { stateEvent } from '../../rooms/state-reader.ts'
import type { EditedState } from '../../rooms/state-store.ts'
import { blankEvent } from '../../rooms/stored.ts'
import { bringAuthority } from '../ingest/authority.ts'
import { Inadmissible, type Source } from '../ingest/source.ts'
import { fetchStateBefore } from '../ingest/state-at.ts'
import { RemoteError } from '../remote-error.ts'

export interface JudgedHistory {
  /** Oldest first. */
  accepted: StoredEvent[]
  /** Stored, and never shown. */
  rejected: StoredEvent[]
}

/** @param events each after those of them that it builds on; what cannot be judged is left out */
export async function judgeHistory(
  server: Homeserver,
  source: Source,
  events: readonly RoomEvent[],
): Promise<JudgedHistory> {
  const judged: JudgedHistory = { accepted: [], rejected: [] }
  for (const event of events) {
    try {
      const stored = await judge(server, source, event)
      // The next ones build on it.
      server.events.put(stored)
      judged[stored.standing === standings.accepted ? 'accepted' : 'rejected'].push(stored)
    } catch (error) {
      if (isUnavailable(error)) continue
      // They were never stored.
      for (const event of judged.accepted) server.events.drop(event)
      throw error
    }
  }
  return judged
}

/** What it refers to cannot be had: the event is left where it is. */
function isUnavailable(error: unknown): boolean {
  return error instanceof Inadmissible || error instanceof RemoteError || error instanceof MissingEvents
}

async function judge(server: Homeserver, source: Source, event: RoomEvent): Promise<StoredEvent> {
  await bringAuthority(server, source, event)
  const held = await server.events.one(event.eventId)
  const blank = await blankEvent(server, { event, room: source.room, rules: source.rules, held })
  const before = await stateBefore(server, source, event)
  const why =
    (await strangeness(server, source, event)) ??
    (await authorizeByAuthEvents(server, source.rules, event)) ??
    (await authorizeByState(server, { head: source, event, root: before.root }))
  const isChange = why === undefined && blank.stateKey !== undefined
  const after = isChange
    ? await server.states.edit(before.root, new Map([[blank.stateKey as number, blank.number]]))
    : { root: before.root, rows: [] }
  await storeStateRows(server.database, source.room, [...before.rows, ...after.rows])
  const thread = threadOf(event.pdu)
  const stored = { ...blank, rootBefore: before.root, rootAfter: after.root, thread }
  if (why === undefined) return stored
  const rejected = { ...stored, standing: standings.rejected }
  await storeUnplaced(server.database, [{ event: rejected, pdu: pduBytes(event.pdu) }])
  return rejected
}

async function stateBefore(server: Homeserver, source: Source, event: RoomEvent): Promise<EditedState> {
  const ids = prevEventIds(event.pdu)
  const previous = await server.events.byId(ids)
  const roots = [...previous.values()].flatMap((one) =>
    one.room === source.room ? (one.rootAfter ?? []) : [],
  )
  if (roots.length < ids.length) return fetchStateBefore(server, source, event)
  return resolveRoots(
    server,
    source.rules,
    roots.filter((root) => root !== 0),
  )
}

/** A room has one create event, with nothing before it. */
async function strangeness(
  server: Homeserver,
  { room }: Source,
  { eventId, pdu }: RoomEvent,
): Promise<string | undefined> {
  if (pdu.type !== 'm.room.create') return undefined
  const create = await stateEvent(server, await server.rooms.root(room), ['m.room.create', ''])
  return create?.eventId === eventId ? undefined : 'it is not the create event of the room'
}
