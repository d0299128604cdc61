import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import type { RoomNumber } from '../../../storage/interning.ts'

/** Of which room events come, from whom, and what may be spent on fetching what they refer to. */
export interface Source {
  room: RoomNumber
  roomId: string
  rules: RoomVersionRules
  /** The server that sent the events, and that is asked for what is missing. */
  peer: string
  /** The domain of ours that asks. */
  asker: string
  budget: Budget
}

/** What fetching for one room may cost (checklist F9). A room over budget is left as it is; others go on. */
export interface Budget {
  /** Requests to the peer. */
  requests: number
  /** States fetched whole. */
  states: number
  /** Of `performance.now()`. */
  until: number
}

export const newBudget = (): Budget => ({ requests: 200, states: 3, until: performance.now() + 40_000 })

/** An event is not taken: it, or what it refers to, is not to be had. It may come again. */
export class Inadmissible extends Error {
  override name = 'Inadmissible'
}

/** @returns milliseconds that the request may take. @throws Inadmissible */
export function spendRequest(budget: Budget): number {
  const leftMs = Math.ceil(budget.until - performance.now())
  if (budget.requests <= 0 || leftMs <= 0) throw new Inadmissible('too much is missing to fetch it now')
  budget.requests--
  return Math.min(leftMs, 20_000)
}

/** @throws Inadmissible */
export function spendState(budget: Budget): void {
  if (budget.states <= 0) throw new Inadmissible('too many states are missing to fetch them now')
  budget.states--
}
