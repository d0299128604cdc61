import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import type { RoomNumber } from '../../storage/interning.ts'
import type { EventNumber, StoredEvent } from '../../storage/stored-event.ts'

/** What the next event of a room builds on: committed, or chained on writes that are on their way. */
export interface Head {
  readonly room: RoomNumber
  readonly roomId: string
  readonly rules: RoomVersionRules
  /** Moves by one with each change of the current state. */
  readonly stateVersion: number
  /** The current state: that of the extremities, resolved. */
  readonly root: NodeId
  readonly extremities: ReadonlyMap<EventNumber, StoredEvent>
}

/** The head of a room that has no event yet. */
export function emptyHead(room: RoomNumber, roomId: string, rules: RoomVersionRules): Head {
  return { room, roomId, rules, stateVersion: 0, root: 0, extremities: new Map() }
}

/** Our own events join at most this many extremities; the rest wait for the next. Source: checklist J6. */
export const maxJoined = 20

/** The extremities that a new event of ours joins: the newest, if there are too many. */
export function joinable(head: Head): StoredEvent[] {
  return [...head.extremities.values()]
    .sort((a, b) => b.pdu.depth - a.pdu.depth || a.number - b.number)
    .slice(0, maxJoined)
}
