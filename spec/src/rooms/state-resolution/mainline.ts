import type { RoomEvent } from '../../events/pdu.ts'
import { compareAge } from './power-order.ts'
import { authEventAt, type EventSource } from './source.ts'

/**
 * Sorts by how far back in the line of power levels an event rests, the furthest first; then by time, then by ID.
 *
 * @param current the power levels of the partially resolved state
 * Source: room version 2, "State resolution", "Mainline ordering".
 */
export function mainlineOrder(
  events: readonly RoomEvent[],
  current: RoomEvent | undefined,
  source: EventSource,
): RoomEvent[] {
  const positions = new Map<string, number>()
  for (
    let levels = current;
    levels && !positions.has(levels.eventId);
    levels = levelsBefore(levels, source)
  ) {
    positions.set(levels.eventId, positions.size)
  }
  const ranked = events.map((event) => ({ event, position: positionOf(event, positions, source) }))
  source.check()
  ranked.sort((x, y) =>
    x.position === y.position ? compareAge(x.event, y.event) : x.position > y.position ? -1 : 1,
  )
  return ranked.map(({ event }) => event)
}

/** Remembers the position of all power levels that it passes, so that a long line is walked once. */
function positionOf(event: RoomEvent, positions: Map<string, number>, source: EventSource): number {
  const passed: string[] = []
  let levels = levelsBefore(event, source)
  while (levels && !positions.has(levels.eventId)) {
    passed.push(levels.eventId)
    levels = levelsBefore(levels, source)
  }
  const position = levels ? (positions.get(levels.eventId) as number) : Number.POSITIVE_INFINITY
  for (const id of passed) positions.set(id, position)
  return position
}

function levelsBefore(event: RoomEvent, source: EventSource): RoomEvent | undefined {
  return authEventAt(event, ['m.room.power_levels', ''], source)
}
