/** A thread that resolves one conflict, which is told in parts (`resolve-in-worker.ts`), and ends. */
import { parentPort } from 'node:worker_threads'
import type { Pdu, RoomEvent } from '@kith/spec/events/pdu'
import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import {
  type Begun,
  beginResolution,
  MissingEvents,
  stateKeyOf,
} from '@kith/spec/rooms/state-resolution/resolve'
import { nodeCrypto } from '../../platform/crypto.ts'

/** Events go by their place in the order in which they were told. */
export type ToWorker =
  /** JSON: `[eventId, roomId, pdu][]`. */
  | { tell: 'events'; text: string }
  | {
      tell: 'conflict'
      version: string
      forks: Int32Array[]
      shared: Map<string, string>
      rejected: string[]
    }
  | { tell: 'common'; ids: string[] }

export type FromWorker =
  | { undecided: [event: number, restsOn: number][] }
  | { missing: string[] }
  | { entries: number[] }

const events: RoomEvent[] = []
const places = new Map<string, number>()
let begun: Begun | undefined

parentPort?.on('message', (message: ToWorker) => {
  const answer = answerTo(message)
  if (answer) parentPort?.postMessage(answer)
})

function answerTo(message: ToWorker): FromWorker | undefined {
  try {
    return take(message)
  } catch (error) {
    if (error instanceof MissingEvents) return { missing: error.ids }
    throw error
  }
}

function take(message: ToWorker): FromWorker | undefined {
  switch (message.tell) {
    case 'events':
      for (const [eventId, roomId, pdu] of JSON.parse(message.text) as [string, string, Pdu][]) {
        places.set(eventId, events.push({ eventId, roomId, pdu }) - 1)
      }
      return undefined
    case 'conflict':
      return begin(message)
    case 'common':
      return { entries: placesOf(begun?.finish(new Set(message.ids)) ?? []) }
  }
}

function begin({ version, forks, shared, rejected }: ToWorker & { tell: 'conflict' }): FromWorker {
  const refused = new Set(rejected)
  begun = beginResolution({
    rules: roomVersions.get(version) as RoomVersionRules,
    crypto: nodeCrypto,
    forks: forks.map((fork) => Array.from(fork, (place) => events[place])),
    shared: (type, stateKey) => shared.get(stateKeyOf(type, stateKey)),
    event: (id) => events[places.get(id) ?? -1],
    isRejected: (id) => refused.has(id),
  })
  const pairs = begun.undecided.map(({ event, restsOn }) => placesOf([event, restsOn]) as [number, number])
  return { undecided: pairs }
}

function placesOf(list: readonly RoomEvent[]): number[] {
  return list.map(({ eventId }) => places.get(eventId) as number)
}
