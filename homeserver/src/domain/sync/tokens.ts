/**
 * Tokens of sync and of pagination. They say where in the log a reader stands and nothing about whom they were
 * given to, so a token from elsewhere can show nobody more than he may see.
 *
 * `s1_<position>_<epoch>.<counter>`: after everything up to a log position, and up to a change of typing.
 * `t1_<position>_<slot>`: in a timeline, before the event at that place.
 */
import { invalidParam } from '@kith/spec/errors'
import type { Position, Tail } from '../../log/log.ts'
import type { Place } from '../../storage/stored-event.ts'

/** How far a reader has come in the stream of typing. An unknown epoch stands for "nothing yet". */
export interface EphemeralMark {
  epoch: string
  counter: number
}

export interface SyncToken {
  position: Position
  ephemeral: EphemeralMark
}

const syncPattern = /^s1_(0|[1-9]\d{0,15})_([0-9a-z]{1,16})\.(0|[1-9]\d{0,15})$/
const placePattern = /^t1_(0|[1-9]\d{0,15})_(0|1|-[1-9]\d{0,8})$/

export function syncToken({ position, ephemeral }: SyncToken): string {
  return `s1_${position}_${ephemeral.epoch}.${ephemeral.counter}`
}

/**
 * Reads a token of sync; one ahead of what this process knows waits until it has caught up.
 *
 * @throws MatrixError M_INVALID_PARAM for what was never a token, or lies beyond the head of the log
 */
export async function readSyncToken(tail: Tail, text: string): Promise<SyncToken> {
  const match = syncPattern.exec(text)
  if (!match) throw invalidParam('the token is not one of this server')
  const position = Number(match[1])
  await requireKnown(tail, position)
  return { position, ephemeral: { epoch: match[2] as string, counter: Number(match[3]) } }
}

/** The token of a boundary in a timeline: between the event at a place and what comes before it. */
export function placeToken({ position, slot }: Place): string {
  return `t1_${position}_${slot}`
}

/** The boundary after everything up to a log position. */
export const afterPosition = (position: Position): Place => ({ position, slot: 1 })

/** The boundary after the event at a place. */
export const after = ({ position, slot }: Place): Place => ({ position, slot: slot + 1 })

/** Reads a token of pagination or of sync as a boundary. @throws as `readSyncToken` */
export async function readBoundary(tail: Tail, text: string): Promise<Place> {
  if (text.startsWith('s')) return afterPosition((await readSyncToken(tail, text)).position)
  const match = placePattern.exec(text)
  if (!match) throw invalidParam('the token is not one of this server')
  const place = { position: Number(match[1]), slot: Number(match[2]) }
  await requireKnown(tail, place.position)
  return place
}

async function requireKnown(tail: Tail, position: Position): Promise<void> {
  if (position <= tail.head) return
  const head = Number.isSafeInteger(position) ? await tail.refresh() : 0
  if (position > head) throw invalidParam('the token is not one of this server')
}
