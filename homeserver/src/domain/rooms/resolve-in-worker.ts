/** Large conflicts are resolved in a thread of their own: others get their turn meanwhile. */
import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { RoomEvent } from '@kith/spec/events/pdu'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { MissingEvents, type Undecided } from '@kith/spec/rooms/state-resolution/resolve'
import { createGate } from '../../platform/gate.ts'
import type { FromWorker, ToWorker } from './resolution-worker.ts'

/** A conflict whose events are all at hand. */
export interface HeldConflict<E extends RoomEvent> {
  rules: RoomVersionRules
  forks: readonly (readonly (E | undefined)[])[]
  events: ReadonlyMap<string, E>
  /** By the key of the state. */
  shared: Map<string, string>
  isRejected(event: E): boolean
}

/** Answers which of some events are in the auth chain of what the forks share. */
export type Decide = (undecided: readonly Undecided[]) => Promise<ReadonlySet<string>>

/** A thread takes up to some 100 MB; one at a time, since the room that needs it waits for nothing else. */
const gate = createGate({ what: 'state resolution', running: 1, waiting: 100 })

/** Told at once: some 5 ms of work. */
const eventsAtOnce = 500

/** Most of what is made is garbage soon. */
const resourceLimits = { maxYoungGenerationSizeMb: 64 }

/** @throws MissingEvents as `beginResolution` does; Overloaded */
export function resolveInWorker<E extends RoomEvent>(
  conflict: HeldConflict<E>,
  decide: Decide,
): Promise<E[]> {
  return gate.run(async () => {
    const worker = new Worker(new URL('resolution-worker.ts', import.meta.url), { resourceLimits })
    try {
      return await converse(worker, conflict, decide)
    } finally {
      await worker.terminate()
    }
  })
}

async function converse<E extends RoomEvent>(
  worker: Worker,
  conflict: HeldConflict<E>,
  decide: Decide,
): Promise<E[]> {
  const events = [...conflict.events.values()]
  await tellEvents(worker, events)
  const begun = await ask(worker, {
    tell: 'conflict',
    version: conflict.rules.version,
    forks: await forksByPlace(conflict.forks, events),
    shared: conflict.shared,
    rejected: events.filter(conflict.isRejected).map(({ eventId }) => eventId),
  })
  const at = (place: number) => events[place] as E
  const pairs = 'undecided' in begun ? begun.undecided : []
  const common = await decide(pairs.map(([event, restsOn]) => ({ event: at(event), restsOn: at(restsOn) })))
  const finished = await ask(worker, { tell: 'common', ids: [...common] })
  return 'entries' in finished ? finished.entries.map(at) : []
}

async function ask(worker: Worker, question: ToWorker): Promise<FromWorker> {
  const answer = once(worker, 'message')
  worker.postMessage(question)
  const [told]: FromWorker[] = await answer
  if (!told) throw new Error('the worker says nothing')
  if ('missing' in told) throw new MissingEvents(told.missing)
  return told
}

async function tellEvents(worker: Worker, events: readonly RoomEvent[]): Promise<void> {
  for (let at = 0; at < events.length; at += eventsAtOnce) {
    const told = events.slice(at, at + eventsAtOnce).map(({ eventId, roomId, pdu }) => {
      const { hashes: _, signatures: __, unsigned: ___, ...needed } = pdu
      return [eventId, roomId, needed]
    })
    worker.postMessage({ tell: 'events', text: JSON.stringify(told) } satisfies ToWorker)
    await nextTurn()
  }
}

async function forksByPlace(
  forks: HeldConflict<RoomEvent>['forks'],
  events: readonly RoomEvent[],
): Promise<Int32Array[]> {
  const places = new Map(events.map((event, place) => [event, place]))
  const rows: Int32Array[] = []
  for (const fork of forks) {
    rows.push(Int32Array.from(fork, (event) => (event && places.get(event)) ?? -1))
    await nextTurn()
  }
  return rows
}
