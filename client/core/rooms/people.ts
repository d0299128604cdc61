import { localpartOf } from '@kith/spec/ids'
import { own } from '@kith/spec/json'
import type { Profile, RoomRecord } from '../store/records.ts'
import type { Person } from '../views.ts'

/** Names somebody; without a name of their own, by the part of their ID that people choose. */
export function personOf(userId: string, profile: Profile | undefined): Person {
  const { name, avatar } = profile ?? {}
  return { userId, name: name ?? localpartOf(userId), ...(avatar !== undefined && { avatar }) }
}

export function personIn(room: RoomRecord, userId: string): Person {
  return personOf(userId, own(room.people, userId))
}
