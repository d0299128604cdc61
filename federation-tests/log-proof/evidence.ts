/** What a run leaves behind, for the checks to judge. */
import type { Position } from '@kith/homeserver/log/log'

/** What a sender was told about one unit. */
export interface Answer {
  token: string
  answer: 'committed' | 'Duplicate' | 'Stale' | 'Busy' | 'Refused' | 'Unsettled' | (string & {})
  /** Of a committed unit; absent only where a planted fault answers too early. */
  positions?: Position[]
  /** Of a Duplicate: the winner's token. */
  result?: string
  key?: string
  room?: number
  stateVersion?: number
  movesState?: boolean
  poisoned: boolean
  waitedMs: number
}

/** What one process's tail told its subscriber. */
export interface TailStory {
  process: string
  /** The head when the subscription began. */
  start: Position
  /** Positions in the order in which they were handed over. */
  positions: Position[]
  /** Whether the process lived to the end, and so must have come to the head. */
  lived: boolean
}

export interface Evidence {
  /** What went wrong, in order. */
  misfortunes: string[]
  answers: Answer[]
  /** Senders of processes that lived to the end, but got no answer. */
  unanswered: number
  tails: TailStory[]
  /** Per look of a polling reader, the positions it had not seen before. */
  appearances: Position[][]
  /** In the end, from the database. */
  log: { position: Position; room: number | null }[]
  toys: { position: Position; token: string }[]
  keys: { key: string; result: string }[]
  states: { room: number; version: number; position: Position }[]
}
