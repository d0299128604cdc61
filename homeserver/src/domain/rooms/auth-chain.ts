import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { authEventIds } from '@kith/spec/events/references'
import { authorizeAuthEvents } from '@kith/spec/rooms/auth/auth-events'
import { authorize } from '@kith/spec/rooms/auth/authorize'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { standings } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { PartialState } from './state-reader.ts'

/** Judging takes about 0.05 ms; between slices others get their turn. */
const sliceMs = 20

/**
 * Of events that came together (a state, an auth chain), those that their own auth events allow. An event whose
 * authority is missing or itself refused is left out.
 */
export async function checkedByAuth(
  server: Homeserver,
  rules: RoomVersionRules,
  events: readonly RoomEvent[],
): Promise<Map<string, RoomEvent>> {
  const given = new Map(events.map((event) => [event.eventId, event]))
  const named = events.flatMap((event) => authEventIds(event.pdu))
  // Where the create event is not named, the room's id names it.
  if (!rules.createInAuthEvents) named.push(...new Set(events.map((event) => `$${event.roomId.slice(1)}`)))
  const outside = new Set(named.filter((id) => !given.has(id)))
  const held = await server.events.byId(outside)
  const sound = new Map<string, RoomEvent>()
  for (const [id, event] of held) if (event.standing !== standings.rejected) sound.set(id, event)
  const result = new Map<string, RoomEvent>()
  let sliceStart = performance.now()
  for (const event of inAuthOrder(given)) {
    if (performance.now() - sliceStart > sliceMs) {
      await nextTurn()
      sliceStart = performance.now()
    }
    if (!isSound(server, { rules, event, sound })) continue
    sound.set(event.eventId, event)
    result.set(event.eventId, event)
  }
  return result
}

function isSound(
  server: Homeserver,
  { rules, event, sound }: { rules: RoomVersionRules; event: RoomEvent; sound: Map<string, RoomEvent> },
): boolean {
  const authEvents = authEventIds(event.pdu).flatMap((id) => sound.get(id) ?? [])
  if (authEvents.length < authEventIds(event.pdu).length) return false
  if (!authorizeAuthEvents(event, authEvents, rules).allowed) return false
  const state = new PartialState<RoomEvent>()
  for (const one of authEvents) state.set(one.pdu.type, one.pdu.state_key ?? '', one)
  const create = rules.createInAuthEvents ? undefined : sound.get(`$${event.roomId.slice(1)}`)
  if (create && create.eventId !== event.eventId) state.set('m.room.create', '', create)
  return authorize(event, state, { rules, crypto: server.crypto }).allowed
}

/** Events after those they name as authority, the create event first. Without recursion: chains are long. */
function inAuthOrder(events: Map<string, RoomEvent>): RoomEvent[] {
  const order: RoomEvent[] = []
  const seen = new Set<string>()
  const creates = [...events.values()].filter((event) => event.pdu.type === 'm.room.create')
  for (const start of [...creates, ...events.values()]) {
    if (seen.has(start.eventId)) continue
    seen.add(start.eventId)
    const path = [{ event: start, next: 0 }]
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const id = authEventIds(top.event.pdu)[top.next++]
      const authority = id === undefined ? undefined : events.get(id)
      if (id === undefined) order.push((path.pop() as typeof top).event)
      else if (authority && !seen.has(id)) {
        seen.add(id)
        path.push({ event: authority, next: 0 })
      }
    }
  }
  return order
}
