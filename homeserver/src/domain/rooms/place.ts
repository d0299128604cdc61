/**
 * An event that came from elsewhere finds its place: it is judged by its auth events, by the state before it, and
 * by the room's current state, and becomes part of the room, is soft-failed, or is rejected.
 *
 * Format, id, signatures and hash have been checked (`domain/federation/ingest`), and what the event refers to
 * has been fetched.
 *
 * Source: server-server-api, "Checks performed on receipt of a PDU".
 */

import type { RoomEvent } from '@kith/spec/events/pdu'
import { authEventIds, prevEventIds } from '@kith/spec/events/references'
import { MissingEvents } from '@kith/spec/rooms/state-resolution/resolve'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { wantedAmong } from '../../storage/gaps.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import { storeStateRows } from '../../storage/states.ts'
import { type StoredEvent, standings } from '../../storage/stored-event.ts'
import { storeUnplaced } from '../../storage/unplaced-events.ts'
import { relationOf, threadOf } from '../events/relation.ts'
import type { Homeserver } from '../homeserver.ts'
import { notificationsOf } from '../push/notifications.ts'
import { eventChange } from './changes.ts'
import type { Head } from './head.ts'
import { authorizeByAuthEvents, authorizeByState } from './judge.ts'
import { memberChangesBetween } from './member-changes.ts'
import { pduBytes } from './pdu-bytes.ts'
import { redactionsOf } from './redactions.ts'
import { resolveRoots } from './resolve.ts'
import type { Done, Draft } from './rooms.ts'
import type { EditedState } from './state-store.ts'
import { blankEvent, userOf } from './stored.ts'

export type Outcome = 'accepted' | 'soft-failed' | 'rejected' | 'held'

export interface Incoming {
  event: RoomEvent
  /**
   * Set where some previous events are not here: the state before the event, as its server says it was. What is known
   * of the other previous events counts beside it, so that leaving something out of a state does not undo it.
   */
  stateBefore?: EditedState
  /** Our own event, which another server let in by a newer state than ours: it is not held against our state. */
  isOurs?: boolean
  /** Ids of events that came with it and build on it. What was accepted may build on them. */
  following?: readonly string[]
  /** How the log row says to pass it on: only for events that a resident server vouched for. */
  relay?: string
}

/** Some of an event's previous events are not here, and nobody said what the state before it was. */
export class MissingPrevious extends Error {
  override name = 'MissingPrevious'
  readonly ids: string[]
  constructor(ids: string[]) {
    super(`${ids.length} previous events are missing`)
    this.ids = ids
  }
}

/** The room has so many branches that resolving one more would cost too much. It heals as others join them. */
export class TooManyBranches extends Error {
  override name = 'TooManyBranches'
}

const maxBranches = 100

/**
 * @throws MissingPrevious; MissingEvents where auth events are not here; TooManyBranches. MatrixError is never thrown
 *   for what the event says
 */
export async function placeEvent(server: Homeserver, room: RoomNumber, incoming: Incoming): Promise<Outcome> {
  return server.rooms.write<Outcome>(room, async (head) => {
    if (!head) throw new Error(`room ${room} has no state here`)
    const held = await server.events.one(incoming.event.eventId)
    if (held && held.standing !== standings.outlier) return { result: 'held' }
    await requireAuthority(server, incoming.event)
    const previous = await server.events.byId(prevEventIds(incoming.event.pdu))
    const before = await stateBefore(server, head, { incoming, previous })
    const event = await blankEvent(server, { event: incoming.event, room, rules: head.rules, held })
    const rejection =
      oddity(incoming.event, { room, previous }) ??
      (await authorizeByAuthEvents(server, head.rules, incoming.event)) ??
      (await authorizeByState(server, { head, event: incoming.event, root: before.root }))
    const wanted = await wantedOf(server, room, [event.eventId, ...(incoming.following ?? [])])
    const named = wanted.has(event.eventId)
    const isLate = wanted.size > 0
    const placing = { server, head, event, before, incoming, named }
    if (rejection) return setAside(placing, { standing: standings.rejected, why: rejection })
    // What accepted events build on comes late, not against the state: what came after it has its effect already.
    const refusal =
      before.root === head.root || incoming.isOurs || isLate
        ? undefined
        : await authorizeByState(server, { head, event: incoming.event, root: head.root })
    if (refusal) return setAside(placing, { standing: standings.softFailed, why: refusal })
    return accept(placing)
  })
}

/** Those of some events that others name which are here, or are on their way into the database. */
async function wantedOf(
  server: Homeserver,
  room: RoomNumber,
  eventIds: readonly string[],
): Promise<Set<string>> {
  const soon = eventIds.filter((id) => server.rooms.isWanted(room, id))
  return new Set([...soon, ...(await wantedAmong(server.database, room, eventIds))])
}

interface Placing {
  server: Homeserver
  head: Head
  event: StoredEvent
  before: EditedState
  incoming: Incoming
  /** Whether events that are here name it among their previous events. */
  named: boolean
}

async function requireAuthority(server: Homeserver, { pdu }: RoomEvent): Promise<void> {
  const named = await server.events.byId(authEventIds(pdu))
  const missing = authEventIds(pdu).filter((id) => !named.has(id))
  if (missing.length > 0) throw new MissingEvents(missing)
}

/** What no state could allow (checklist A5). */
function oddity(
  { pdu }: RoomEvent,
  { room, previous }: { room: RoomNumber; previous: ReadonlyMap<string, StoredEvent> },
): string | undefined {
  if (pdu.type === 'm.room.create') return 'the room has been created already'
  const stranger = [...previous.values()].find((one) => one.room !== room)
  return stranger && `its previous event ${stranger.eventId} belongs to another room`
}

/** The resolved state of the event's previous events. Those of another room are never used. */
async function stateBefore(
  server: Homeserver,
  { room, rules }: Head,
  { incoming, previous }: { incoming: Incoming; previous: ReadonlyMap<string, StoredEvent> },
): Promise<EditedState> {
  const { event, stateBefore: given } = incoming
  const strangers = new Set([...previous.values()].filter((one) => one.room !== room))
  const own = prevEventIds(event.pdu).flatMap((id) => {
    const one = previous.get(id)
    return one && strangers.has(one) ? [] : [{ id, root: one?.rootAfter }]
  })
  const missing = own.filter(({ root }) => root === undefined).map(({ id }) => id)
  if (!given && missing.length > 0) throw new MissingPrevious(missing)
  const roots = own.flatMap(({ root }) => root ?? [])
  const states = given ? [given.root, ...roots] : roots
  const resolved = await resolveRoots(
    server,
    rules,
    states.filter((root) => root !== 0),
  )
  return given ? { root: resolved.root, rows: [...given.rows, ...resolved.rows] } : resolved
}

/** Stores an event that clients never see and that is no extremity. Its children still find their state. */
async function setAside(
  { server, event, before, incoming }: Placing,
  { standing, why }: { standing: StoredEvent['standing']; why: string },
): Promise<Done<Outcome>> {
  // A soft-failed state event is part of the state after it, for the events that others build on it.
  const after =
    standing === standings.softFailed && event.stateKey !== undefined
      ? await server.states.edit(before.root, new Map([[event.stateKey, event.number]]))
      : { root: before.root, rows: [] }
  await storeStateRows(server.database, event.room, [...before.rows, ...after.rows])
  const stored = { ...event, standing, rootBefore: before.root, rootAfter: after.root }
  const pdu = pduBytes(incoming.event.pdu)
  await storeUnplaced(server.database, [{ event: stored, pdu }])
  server.events.put(stored)
  server.logger.info(
    { eventId: event.eventId, roomId: event.roomId, standing, why },
    'an event was set aside',
  )
  return { result: standing === standings.rejected ? 'rejected' : 'soft-failed' }
}

async function accept(placing: Placing): Promise<Draft<Outcome>> {
  const { server, head, event: blank, before, incoming } = placing
  const after =
    blank.stateKey === undefined
      ? { root: before.root, rows: [] }
      : await server.states.edit(before.root, new Map([[blank.stateKey, blank.number]]))
  const { notifies, highlights, personal } = await notificationsOf(server, head, incoming.event)
  const thread = threadOf(blank.pdu)
  const event = { ...blank, rootBefore: before.root, rootAfter: after.root, notifies, highlights, thread }
  // The resolution may look it up.
  server.events.put(event)
  try {
    const rows = [...before.rows, ...after.rows]
    const { extremities, current, change } = await placed({ ...placing, event }, rows)
    return {
      result: 'accepted',
      changes: [
        eventChange({ ...change, personal }, incoming.relay),
        ...(await redactionsOf(server, head, event)),
      ],
      head: { ...head, root: current.root, extremities },
      events: [event],
      missing: change.missing,
    }
  } catch (error) {
    server.events.drop(event)
    throw error
  }
}

async function placed({ server, head, event, incoming, named }: Placing, rows: EditedState['rows']) {
  const { joins, extremities } = await extremitiesWith(server, { head, event, named })
  if (extremities.size > maxBranches && joins.length === 0) throw new TooManyBranches()
  const roots = [...extremities.values()].map((one) => one.rootAfter as NodeId)
  const current = await resolveRoots(server, head.rules, roots)
  const change = {
    event,
    pdu: pduBytes(event.pdu),
    joins,
    extremity: !named,
    missing: incoming.stateBefore ? await unknownPrevious(server, event) : [],
    fillsGap: named,
    stateRows: uniqueRows([...rows, ...current.rows]),
    currentRoot: current.root,
    members: await memberChangesBetween(server, head.root, current.root),
    relation: relationOf(event.pdu),
    target: await userOf(server, event.pdu),
  }
  return { extremities, current, change }
}

/** A state may be both before the event and current: its rows go in once. */
function uniqueRows(rows: EditedState['rows']): EditedState['rows'] {
  return [...new Map(rows.map((row) => [row.id, row])).values()]
}

async function extremitiesWith(
  server: Homeserver,
  { head, event, named }: { head: Head; event: StoredEvent; named: boolean },
): Promise<{ joins: number[]; extremities: Map<number, StoredEvent> }> {
  const previous = await server.events.byId(prevEventIds(event.pdu))
  const numbers = new Set([...previous.values()].map((one) => one.number))
  const joins = [...head.extremities.keys()].filter((number) => numbers.has(number))
  const extremities = new Map([...head.extremities].filter(([number]) => !numbers.has(number)))
  if (!named) extremities.set(event.number, event)
  return { joins, extremities }
}

async function unknownPrevious(server: Homeserver, event: StoredEvent): Promise<string[]> {
  const known = await server.events.byId(prevEventIds(event.pdu))
  // Nothing forbids an event to name another twice.
  return [...new Set(prevEventIds(event.pdu))].filter(
    (id) => known.get(id)?.place === undefined && known.get(id)?.rootAfter === undefined,
  )
}
