import type { ClientEvent } from '@kith/spec/api/schemas'
import type { SyncJoinedRoom, SyncLeftRoom } from '@kith/spec/api/sync'
import { own } from '@kith/spec/json'
import type { Membership, RoomRecord, StoredEvent, StoredState } from '../store/records.ts'
import { isMessage } from '../timeline/relations.ts'
import { newRoom, type Reduction, type RoomChange, stateRows } from './change.ts'
import { lastMessage } from './last-message.ts'
import { isBefore, markOf, othersReceipts, readMark, receiptsOf } from './reduce-receipts.ts'
import { reduceTimeline } from './reduce-timeline.ts'
import { memberEvent, standingAfter } from './standing.ts'
import { isGone, membershipOf, profileOf, withState } from './state.ts'

export interface RoomSync {
  roomId: string
  body: SyncJoinedRoom | SyncLeftRoom
  section: 'join' | 'leave'
}

/** Applies what a sync says of a room I am in, or was in. Changes nothing itself. */
export async function reduceRoom(
  context: Reduction,
  before: RoomRecord | undefined,
  { roomId, body, section }: RoomSync,
): Promise<RoomChange> {
  const timeline = await reduceTimeline(context, before, { roomId, timeline: body.timeline })
  const events = timeline.fresh.map(({ event }) => event)
  const state = stateOf(body, events)
  const receipts = receiptsOf(roomId, ephemeralOf(body))
  const base = before ?? newRoom(roomId, context.now)
  const mine = memberEvent([...state, ...events], context.me)
  const record: RoomRecord = {
    ...base,
    ...summaryOf(base, body),
    membership: section === 'join' ? 'join' : leftAs(mine),
    standing: standingAfter(before, mine),
    state: withState(base.state, state),
    next: timeline.next,
    gaps: timeline.gaps,
    last: lastMessage(base.last, events),
    lastOther: lastOther(context.me, base, timeline.fresh),
    read: await readMark(context, before, { receipts, fresh: timeline.fresh }),
    // Whoever comes back later gets members anew.
    hasAllMembers: base.hasAllMembers && section === 'join',
    inviter: undefined,
    isDirectInvite: undefined,
  }
  Object.assign(record, unreadOf(context, record, { body, fresh: timeline.fresh }))
  record.activity = activityOf(before, record, events)
  record.people = await peopleOf(context, record, state)
  return {
    record,
    events: [...timeline.fresh, ...timeline.changed],
    state: await withProfiles(context, stateRows(roomId, state)),
    receipts: othersReceipts(receipts, context.me),
    accountData: (body.account_data?.events ?? []).map(({ type, content }) => ({ roomId, type, content })),
    ...typingOf(context.me, body),
  }
}

/** State as of the end of the timeline, whichever way the server tells it. */
function stateOf(body: SyncJoinedRoom | SyncLeftRoom, timeline: readonly ClientEvent[]): ClientEvent[] {
  const after = body.state_after ?? body['org.matrix.msc4222.state_after']
  if (after) return after.events
  return [...(body.state?.events ?? []), ...timeline.filter((event) => event.state_key !== undefined)]
}

function ephemeralOf(body: SyncJoinedRoom | SyncLeftRoom) {
  return 'ephemeral' in body ? (body.ephemeral?.events ?? []) : []
}

function typingOf(me: string, body: SyncJoinedRoom | SyncLeftRoom): { typing?: string[] } {
  const found = ephemeralOf(body).findLast(({ type }) => type === 'm.typing')?.content.user_ids
  if (!Array.isArray(found)) return {}
  return { typing: found.filter((userId) => typeof userId === 'string' && userId !== me) as string[] }
}

/** Absent members of a summary are unchanged. */
function summaryOf(before: RoomRecord, body: SyncJoinedRoom | SyncLeftRoom) {
  const summary = 'summary' in body ? body.summary : undefined
  return {
    heroes: summary?.['m.heroes'] ?? before.heroes,
    joined: summary?.['m.joined_member_count'] ?? before.joined,
    invited: summary?.['m.invited_member_count'] ?? before.invited,
  }
}

/** Whoever is gone keeps the profile they had, where the server doesn't tell it. */
async function withProfiles({ store }: Reduction, rows: readonly StoredState[]): Promise<StoredState[]> {
  const kept = rows.map(async (row) => {
    const { roomId, type, stateKey, event } = row
    if (type !== 'm.room.member' || !isGone(membershipOf(event)) || event.unsigned?.prev_content) return row
    const before = await store.stateEvent(roomId, type, stateKey)
    if (!before) return row
    const { name: displayname, avatar: avatar_url } = profileOf(before.event)
    const prev_content = { ...(displayname && { displayname }), ...(avatar_url && { avatar_url }) }
    return { ...row, event: { ...event, unsigned: { ...event.unsigned, prev_content } } }
  })
  return Promise.all(kept)
}

function leftAs(mine: ClientEvent | undefined): Membership {
  return membershipOf(mine) === 'ban' ? 'ban' : 'leave'
}

function lastOther(me: string, before: RoomRecord, fresh: readonly StoredEvent[]): RoomRecord['lastOther'] {
  const found = fresh.findLast(({ event }) => event.sender !== me && isMessage(event))
  return found ? markOf(found) : before.lastOther
}

/** The server's counts, except while a receipt is on its way to it: then only what came after that. */
function unreadOf(
  { me }: Reduction,
  record: RoomRecord,
  { body, fresh }: { body: SyncJoinedRoom | SyncLeftRoom; fresh: readonly StoredEvent[] },
) {
  const counts = 'unread_notifications' in body ? body.unread_notifications : undefined
  if (record.reading) {
    const added = fresh.filter(({ event }) => event.sender !== me && isMessage(event)).length
    return { messages: record.messages + added, mentions: record.mentions }
  }
  return {
    messages: counts?.notification_count ?? record.messages,
    mentions: counts?.highlight_count ?? record.mentions,
  }
}

export function isUnread({ read, lastOther, messages, mentions }: RoomRecord): boolean {
  if (messages > 0 || mentions > 0) return true
  return lastOther !== undefined && (read === undefined || isBefore(read, lastOther))
}

function activityOf(
  before: RoomRecord | undefined,
  record: RoomRecord,
  events: readonly ClientEvent[],
): number {
  const last = events.findLast(isMessage)
  if (last) return last.origin_server_ts
  if (before) return before.activity
  return record.last?.origin_server_ts ?? events.at(-1)?.origin_server_ts ?? record.activity
}

/** Profiles of those the list names: from this sync, the record or the store. */
export async function peopleOf(
  { store, partnerOf }: Pick<Reduction, 'store' | 'partnerOf'>,
  record: RoomRecord,
  state: readonly ClientEvent[],
): Promise<RoomRecord['people']> {
  const { roomId, heroes, last, inviter, standing } = record
  const named = new Set([...heroes, last?.sender, inviter, standing?.by, partnerOf(roomId)])
  const members = new Map(state.filter(({ type }) => type === 'm.room.member').map((e) => [e.state_key, e]))
  const people: RoomRecord['people'] = {}
  for (const userId of named) {
    if (userId === undefined) continue
    const event = members.get(userId)
    const known = event ? profileOf(event) : own(record.people, userId)
    const stored = known ? undefined : await store.stateEvent(roomId, 'm.room.member', userId)
    people[userId] = known ?? (stored ? profileOf(stored.event) : {})
  }
  return people
}
