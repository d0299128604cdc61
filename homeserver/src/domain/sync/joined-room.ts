/** One room of a sync that the reader is in. */
import type { JsonObject } from '@kith/spec/json'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import type { TailRow } from '../../log/log.ts'
import { type AccountDataChange, accountDataOfRooms } from '../../storage/account-data.ts'
import type { EventChange, RoomStateChange } from '../../storage/event-inserts.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import { kinds } from '../../storage/kinds.ts'
import type { Member } from '../../storage/members.ts'
import { roomState } from '../../storage/states.ts'
import type { Place, StoredEvent } from '../../storage/stored-event.ts'
import type { Rendered } from '../events/client-event.ts'
import { render, renderState } from '../events/render.ts'
import type { Standpoint } from '../rooms/visibility.ts'
import type { RoomChange } from './changes.ts'
import { ephemeralEvents } from './ephemeral.ts'
import { stateOf } from './room-state.ts'
import { type Summary, summaryOf } from './summary.ts'
import type { SyncContext } from './sync-context.ts'
import { settledTimeline, type Timeline, timelineOf } from './timeline.ts'

export interface JoinedRoom {
  member: Member
  timeline: readonly Rendered[]
  limited: boolean
  prevBatch: Place
  state: readonly Rendered[]
  summary: Summary | undefined
  ephemeral: readonly JsonObject[]
  accountData: readonly JsonObject[]
}

export interface RoomInput {
  member: Member
  /** What changed; undefined in a sync that tells the whole room. */
  change: RoomChange | undefined
  /** Whether the client knows nothing of the room. */
  isFresh: boolean
}

/** @returns undefined when there is nothing to tell */
export async function joinedRoom(context: SyncContext, input: RoomInput): Promise<JoinedRoom | undefined> {
  const { member, isFresh } = input
  const { room } = member
  const from: Standpoint = { room, member, lastJoined: 'everything' }
  const change = isFresh ? undefined : input.change
  const [slice, ephemeral, accountData] = await Promise.all([
    timelineAndState(context, { ...input, from }),
    ephemeralEvents(context, { room, change }),
    accountDataEvents(context, room, change),
  ])
  const { timeline, state, summary } = slice
  const isQuiet = timeline.seen.length + state.length + ephemeral.length + accountData.length === 0
  if (isQuiet && !timeline.limited && !summary && !isFresh) return undefined
  const parents = change?.rows && relatedTo(change.rows)
  return {
    member,
    timeline: await render(context.server, context.reader, { seen: timeline.seen, from, parents }),
    limited: timeline.limited,
    prevBatch: timeline.prevBatch,
    state: await renderState(context.server, context.reader, state),
    summary,
    ephemeral,
    accountData,
  }
}

/** Ids of the events that others of the same changes relate to; undefined when that can't be told. */
function relatedTo(rows: readonly TailRow[]): Set<string> | undefined {
  const parents = new Set<string>()
  for (const { kind, payload } of rows) {
    if (kind !== kinds.event) continue
    if (!payload) return undefined
    const { relation } = payload as EventChange
    if (relation) parents.add(relation.parent)
  }
  return parents
}

interface Slice {
  timeline: Timeline
  state: StoredEvent[]
  summary: Summary | undefined
}

async function timelineAndState(
  context: SyncContext,
  input: RoomInput & { from: Standpoint },
): Promise<Slice> {
  const { member, change, isFresh, from } = input
  const { server, since, until, request } = context
  const { room } = member
  const rows = isFresh ? undefined : change?.rows
  const timeline = await timelineOf(context, {
    room,
    from,
    after: isFresh ? undefined : since,
    until,
    known: rows && (await eventsOf(context, room, rows)),
    mayHaveGaps: !rows || rows.some(mayLeaveGap),
  })
  const isWhole = isFresh || request.fullState
  const hasMoved = isWhole || !rows || rows.some(movesState)
  const isLazy = request.filter.state.lazyLoadMembers && timeline.seen.length > 0
  if (!hasMoved && !isLazy) return { timeline, state: [], summary: undefined }
  const end = await endOf(context, room, rows)
  const before = isWhole ? 0 : hasMoved ? ((await roomState(server.database, room, since))?.root ?? 0) : end
  const settled = request.stateAfter === 'no' ? await settledTimeline(context, timeline, end) : timeline
  const summary =
    isWhole || (before !== end && (!rows || rows.some(movesMembers)))
      ? await summaryOf(context, room)
      : undefined
  const heroes = summary?.['m.heroes'] ?? []
  const state = await stateOf(context, { room, before, end, timeline: settled.seen, heroes })
  return { timeline: settled, state, summary }
}

/** The state at the end of the sync. */
async function endOf(
  context: SyncContext,
  room: RoomNumber,
  rows: readonly TailRow[] | undefined,
): Promise<NodeId> {
  const last = rows?.findLast(({ kind }) => kind === kinds.event || kind === kinds.roomState)
  if (last?.payload) return (last.payload as EventChange | RoomStateChange).currentRoot
  return (await roomState(context.server.database, room, context.until))?.root ?? 0
}

/** Whether a row may have left the room in another state than its event by itself was in. */
function movesState({ kind, payload }: TailRow): boolean {
  if (kind === kinds.roomState) return true
  if (kind !== kinds.event) return false
  if (!payload) return true
  const { event, currentRoot } = payload as EventChange
  return event.stateKey !== undefined || event.rootBefore !== currentRoot
}

function movesMembers({ kind, payload }: TailRow): boolean {
  if (kind !== kinds.event && kind !== kinds.roomState) return false
  return !payload || (payload as EventChange | RoomStateChange).members.length > 0
}

function mayLeaveGap({ kind, payload }: TailRow): boolean {
  return kind === kinds.event && (!payload || (payload as EventChange).missing.length > 0)
}

/** The events of rows, in order. */
async function eventsOf(
  { server }: SyncContext,
  room: RoomNumber,
  rows: readonly TailRow[],
): Promise<StoredEvent[]> {
  const eventRows = rows.filter(({ kind }) => kind === kinds.event)
  const absent = eventRows.filter(({ payload }) => !payload).map(({ position }) => position)
  const loaded = absent.length > 0 ? await server.events.atPositions(room, absent) : []
  const byPosition = new Map(loaded.map((event) => [event.place?.position, event]))
  return eventRows.flatMap(({ position, payload }) => {
    if (!payload) return byPosition.get(position) ?? []
    const { event } = payload as EventChange
    return server.events.cached(event.number) ?? { ...event, place: { position, slot: 0 }, standing: 0 }
  })
}

async function accountDataEvents(
  { server, reader, request, since, until }: SyncContext,
  room: RoomNumber,
  change: RoomChange | undefined,
): Promise<JsonObject[]> {
  const rows = change?.rows?.filter(({ kind }) => kind === kinds.accountData)
  const known = rows?.every(({ payload }) => payload !== undefined)
  const entries = known
    ? (rows ?? []).map(({ payload }) => payload as AccountDataChange)
    : (await accountDataOfRooms(server.database, reader.user, [room])).filter(
        ({ position }) => position <= until && (!change || position > (since ?? 0)),
      )
  const last = new Map(entries.map(({ type, content }) => [type, content]))
  return [...last].flatMap(([type, content]) =>
    request.filter.roomAccountData.passesType(type)
      ? [{ type, content: JSON.parse(content) as JsonObject }]
      : [],
  )
}
