import type { ClientEvent } from '@kith/spec/api/schemas'
import { isObject, own } from '@kith/spec/json'
import type { Membership, Profile, RoomRecord } from '../store/records.ts'

/** State that is kept in the room's record; all other state is read when a room is opened. */
const kept = new Set([
  'm.room.create',
  'm.room.name',
  'm.room.topic',
  'm.room.avatar',
  'm.room.canonical_alias',
  'm.room.join_rules',
  'm.room.power_levels',
  'm.room.encryption',
  'm.room.tombstone',
])

const memberships = new Set<string>(['join', 'invite', 'knock', 'leave', 'ban'])

export function isKept(event: ClientEvent): boolean {
  return event.state_key === '' && kept.has(event.type)
}

export function withState(state: RoomRecord['state'], events: readonly ClientEvent[]): RoomRecord['state'] {
  const fresh = events.filter(isKept)
  if (fresh.length === 0) return state
  return { ...state, ...Object.fromEntries(fresh.map((event) => [event.type, event])) }
}

/** A string in the content of a state event; undefined when absent, empty or of another type. */
export function stateText(room: Pick<RoomRecord, 'state'>, type: string, key: string): string | undefined {
  const value = own(room.state, type)?.content[key]
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

export function membershipOf(event: ClientEvent | undefined): Membership | undefined {
  const membership = event?.content.membership
  return typeof membership === 'string' && memberships.has(membership)
    ? (membership as Membership)
    : undefined
}

/** Of somebody who is gone: as they were before, since the event of their going tells no profile. */
export function profileOf(event: ClientEvent): Profile & { membership?: Membership } {
  const membership = membershipOf(event)
  const { prev_content: before } = event.unsigned ?? {}
  const told = isGone(membership) && isObject(before) ? { ...before, ...event.content } : event.content
  const { displayname, avatar_url: avatar } = told
  const name = typeof displayname === 'string' ? displayname.trim() : ''
  return {
    membership,
    ...(name !== '' && { name }),
    ...(typeof avatar === 'string' && avatar.startsWith('mxc://') && { avatar }),
  }
}

export function isGone(membership: Membership | undefined): boolean {
  return membership === 'leave' || membership === 'ban'
}
