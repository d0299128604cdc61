import { Busy } from '../../../log/log.ts'
import { LruMap } from '../../../platform/lru-map.ts'
import type { Homeserver } from '../../homeserver.ts'

/** A key that signed an event cannot be had at the moment: the other server is to send the event again. */
export class Unverifiable extends Busy {
  override name = 'Unverifiable'
}

/**
 * For this long an event is asked for again. A server whose keys stay away must not hold up for ever what a third one
 * has to say; the event can still come later, as one that others build on.
 */
const patienceMs = 10 * 60_000

const firstSeen = new WeakMap<Homeserver, LruMap<string, number>>()

/** Whether it makes sense yet to ask for an event again (checklist A1). */
export function mayBeVerifiedSoon(server: Homeserver, eventId: string): boolean {
  const known = firstSeen.get(server) ?? new LruMap<string, number>(10_000)
  firstSeen.set(server, known)
  const now = server.clock.now()
  const since = known.get(eventId) ?? now
  known.set(eventId, since)
  return now - since < patienceMs
}
