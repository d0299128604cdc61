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
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { namedByOthers } from '../../storage/gaps.ts'
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
  /** Set where some previous events are not here: the state before the event, as its server says it was. */
  stateBefore?: EditedState
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

/** @throws MissingPrevious, MissingEvents; MatrixError is never thrown for what the event says */
export async function placeEvent(server: Homeserver, room: RoomNumber, incoming: Incoming): Promise<Outcome> {
  return server.rooms.write<Outcome>(room, async (head) => {
    if (!head) throw new Error(`room ${room} has no state here`)
    const held = await server.events.one(incoming.event.eventId)
    if (held && held.standing !== standings.outlier) return { result: 'held' }
    const before = await stateBefore(server, head, incoming)
    const event = await blankEvent(server, { event: incoming.event, room, rules: head.rules, held })
    const rejection =
      (await authorizeByAuthEvents(server, head.rules, incoming.event)) ??
      (await authorizeByState(server, { head, event: incoming.event, root: before.root }))
    const placing = { server, head, event, before, incoming }
    if (rejection) return setAside(placing, { standing: standings.rejected, why: rejection })
    const refusal =
      before.root === head.root
        ? undefined
        : await authorizeByState(server, { head, event: incoming.event, root: head.root })
    if (refusal) return setAside(placing, { standing: standings.softFailed, why: refusal })
    return accept(placing)
  })
}

interface Placing {
  server: Homeserver
  head: Head
  event: StoredEvent
  before: EditedState
  incoming: Incoming
}

/** The resolved state of the event's previous events. */
async function stateBefore(
  server: Homeserver,
  head: Head,
  { event, stateBefore }: Incoming,
): Promise<EditedState> {
  if (stateBefore) return stateBefore
  const ids = event.pdu.prev_events
  const previous = await server.events.byId(ids)
  const missing = ids.filter((id) => previous.get(id)?.rootAfter === undefined)
  if (missing.length > 0) throw new MissingPrevious(missing)
  const roots = [...previous.values()].map((one) => one.rootAfter as NodeId)
  return resolveRoots(server, head.rules, roots)
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
  server.events.put(event)
  const named = await namedByOthers(server.database, event.room, event.eventId)
  const { joins, extremities } = await extremitiesWith(server, { head, event, named })
  const current = await resolveRoots(
    server,
    head.rules,
    [...extremities.values()].map((one) => one.rootAfter as NodeId),
  )
  const change = {
    event,
    pdu: pduBytes(event.pdu),
    joins,
    extremity: !named,
    missing: incoming.stateBefore ? await unknownPrevious(server, event) : [],
    fillsGap: named,
    stateRows: uniqueRows([...before.rows, ...after.rows, ...current.rows]),
    currentRoot: current.root,
    members: await memberChangesBetween(server, head.root, current.root),
    relation: relationOf(event.pdu),
    personal,
    target: await userOf(server, event.pdu),
  }
  return {
    result: 'accepted',
    changes: [eventChange(change, incoming.relay), ...(await redactionsOf(server, head, event))],
    head: { ...head, root: current.root, extremities },
    events: [event],
  }
}

/** A state may be both before the event and current: its rows go in once. */
function uniqueRows(rows: EditedState['rows']): EditedState['rows'] {
  return [...new Map(rows.map((row) => [row.id, row])).values()]
}

async function extremitiesWith(
  server: Homeserver,
  { head, event, named }: { head: Head; event: StoredEvent; named: boolean },
): Promise<{ joins: number[]; extremities: Map<number, StoredEvent> }> {
  const previous = await server.events.byId(event.pdu.prev_events)
  const numbers = new Set([...previous.values()].map((one) => one.number))
  const joins = [...head.extremities.keys()].filter((number) => numbers.has(number))
  const extremities = new Map([...head.extremities].filter(([number]) => !numbers.has(number)))
  if (!named) extremities.set(event.number, event)
  return { joins, extremities }
}

async function unknownPrevious(server: Homeserver, event: StoredEvent): Promise<string[]> {
  const known = await server.events.byId(event.pdu.prev_events)
  return event.pdu.prev_events.filter(
    (id) => known.get(id)?.place === undefined && known.get(id)?.rootAfter === undefined,
  )
}
