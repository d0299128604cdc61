import { type NumberedEvents, none } from './numbered-events.ts'
import { compareAge } from './power-order.ts'

/**
 * Sorts by how far back in the line of power levels an event rests, the furthest first; then by time, then by ID.
 *
 * @param current the power levels of the partially resolved state, or `none`
 * Source: room version 2, "State resolution", "Mainline ordering".
 */
export function mainlineOrder(events: NumberedEvents, numbers: readonly number[], current: number): number[] {
  const positions: (number | undefined)[] = []
  let place = 0
  for (let levels = current; levels !== none && positions[levels] === undefined; place++) {
    positions[levels] = place
    levels = levelsBefore(events, levels)
  }
  const positionsOf: number[] = []
  for (const number of numbers) positionsOf[number] = positionOf(events, number, positions)
  events.check()
  return numbers.toSorted((x, y) => {
    const [xPosition, yPosition] = [positionsOf[x] as number, positionsOf[y] as number]
    if (xPosition === yPosition) return compareAge(events, x, y)
    return xPosition > yPosition ? -1 : 1
  })
}

/** Remembers the position of all power levels that it passes, so that a long line is walked once. */
function positionOf(events: NumberedEvents, number: number, positions: (number | undefined)[]): number {
  const passed: number[] = []
  let levels = levelsBefore(events, number)
  while (levels !== none && positions[levels] === undefined) {
    passed.push(levels)
    levels = levelsBefore(events, levels)
  }
  const position = levels === none ? Number.POSITIVE_INFINITY : (positions[levels] as number)
  for (const one of passed) positions[one] = position
  return position
}

function levelsBefore(events: NumberedEvents, number: number): number {
  return events.authEventAt(number, events.levelsKey)
}
