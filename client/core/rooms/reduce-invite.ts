import type { ClientEvent } from '@kith/spec/api/schemas'
import type { JsonObject } from '@kith/spec/json'
import type { RoomRecord } from '../store/records.ts'
import { newRoom, type Reduction, type RoomChange } from './change.ts'
import { peopleOf } from './reduce-room.ts'
import { memberEvent, standingAfter } from './standing.ts'
import { withState } from './state.ts'

interface Stripped {
  type: string
  state_key: string
  sender: string
  content: JsonObject
}

/** Applies an invite, or a knock that waits. Only what the server lets outsiders see is known of the room. */
export async function reduceInvite(
  context: Reduction,
  before: RoomRecord | undefined,
  {
    roomId,
    events,
    membership,
  }: { roomId: string; events: readonly Stripped[]; membership: 'invite' | 'knock' },
): Promise<RoomChange> {
  const state: ClientEvent[] = events.map((event) => ({ ...event, event_id: '', origin_server_ts: 0 }))
  const mine = memberEvent(state, context.me)
  const base = before ?? newRoom(roomId, context.now)
  const record: RoomRecord = {
    ...base,
    membership,
    state: withState({}, state),
    people: {},
    heroes: [],
    activity: before?.membership === membership ? before.activity : context.now,
    messages: 0,
    mentions: 0,
    hasAllMembers: false,
    standing: standingAfter(before, mine),
    inviter: membership === 'invite' ? mine?.sender : undefined,
    isDirectInvite: mine?.content.is_direct === true,
  }
  record.people = await peopleOf(context, record, state)
  return { record, events: [], state: [], receipts: [], accountData: [] }
}
