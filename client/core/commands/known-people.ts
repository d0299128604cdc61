import type { Model } from '../model.ts'
import { personIn, personOf } from '../rooms/people.ts'
import { profileOf } from '../rooms/state.ts'
import type { Person } from '../views.ts'

/** Those I share chats with: partners of direct chats first, then the others, by the last message we shared. */
export async function knownPeople({ store, rooms, entries }: Model): Promise<Person[]> {
  const joined = [...rooms.values()].filter(({ membership }) => membership === 'join')
  const newestFirst = joined.sort((one, other) => other.activity - one.activity)
  const found = new Map<string, Person>()
  for (const room of newestFirst) {
    const partner = entries.partners.get(room.roomId)
    if (partner !== undefined && !found.has(partner)) found.set(partner, personIn(room, partner))
  }
  for (const { roomId } of newestFirst) {
    for (const { stateKey, event } of await store.members(roomId)) {
      const { membership, ...profile } = profileOf(event)
      const isThere = membership === 'join' || membership === 'invite'
      if (isThere && !found.has(stateKey)) found.set(stateKey, personOf(stateKey, profile))
    }
  }
  found.delete(entries.me)
  return [...found.values()]
}
