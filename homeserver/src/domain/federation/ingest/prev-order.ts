import type { Pdu, RoomEvent } from '@kith/spec/events/pdu'
import { prevEventIds } from '@kith/spec/events/references'

/** Events after those of them that they build on, otherwise in the order given. Without recursion: chains are long. */
export function inPrevOrder<E extends RoomEvent>(events: readonly E[]): E[] {
  const given = new Map(events.map((event) => [event.eventId, event]))
  const order: E[] = []
  const seen = new Set<string>()
  for (const start of given.values()) {
    if (seen.has(start.eventId)) continue
    seen.add(start.eventId)
    const path = [{ event: start, next: 0 }]
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const id = prevEventIds(top.event.pdu)[top.next++]
      const previous = id === undefined ? undefined : given.get(id)
      if (id === undefined) order.push((path.pop() as typeof top).event)
      else if (previous && !seen.has(id)) {
        seen.add(id)
        path.push({ event: previous, next: 0 })
      }
    }
  }
  return order
}

/** Of some events, those that can be reached from some ids by what each names. */
export function reachable(
  events: Iterable<RoomEvent>,
  from: Iterable<string>,
  named: (pdu: Pdu) => readonly string[],
): RoomEvent[] {
  const given = new Map([...events].map((event) => [event.eventId, event]))
  const found = new Map<string, RoomEvent>()
  const open = [...from]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const event = given.get(id)
    if (!event || found.has(id)) continue
    found.set(id, event)
    open.push(...named(event.pdu))
  }
  return [...found.values()]
}

/** For each of some events, the ids of those among them that build on it. */
export function followersOf(events: readonly RoomEvent[]): (eventId: string) => string[] {
  const next = new Map<string, string[]>()
  for (const { eventId, pdu } of events) {
    for (const id of prevEventIds(pdu)) next.set(id, [...(next.get(id) ?? []), eventId])
  }
  return (eventId) => {
    const found = new Set<string>()
    const open = [...(next.get(eventId) ?? [])]
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (found.has(id)) continue
      found.add(id)
      open.push(...(next.get(id) ?? []))
    }
    return [...found]
  }
}
