/**
 * Which units are built on one another. When one fails, those built on it cannot be committed: they name events that
 * never came to be. A chain is an object that its units share; a failure breaks it for all that is still to come.
 */
import type { Unit } from './log.ts'

export interface Chains {
  /** The chain a new unit belongs to: its own, or that of its room's units which are still waiting. */
  join(unit: Unit): object | undefined
  isBroken(chain: object | undefined): boolean
  break(chain: object | undefined): void
  /** The unit was answered. */
  leave(unit: Unit, chain: object | undefined): void
}

export function createChains(): Chains {
  const broken = new WeakSet<object>()
  const rooms = new Map<number, { units: number }>()
  return {
    join({ room }) {
      if (room === undefined || room.chain) return room?.chain
      let chain = rooms.get(room.number)
      if (chain === undefined || broken.has(chain)) {
        chain = { units: 0 }
        rooms.set(room.number, chain)
      }
      chain.units++
      return chain
    },
    isBroken: (chain) => chain !== undefined && broken.has(chain),
    break(chain) {
      if (chain) broken.add(chain)
    },
    leave({ room }, chain) {
      if (room === undefined || room.chain) return
      const waiting = rooms.get(room.number)
      if (waiting === undefined || waiting !== chain) return
      waiting.units--
      if (waiting.units === 0) rooms.delete(room.number)
    },
  }
}
