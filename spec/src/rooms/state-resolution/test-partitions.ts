import fc from 'fast-check'
import type { RoomEvent } from '../../events/pdu.ts'
import { prevEventIds } from '../../events/references.ts'
import { portableCrypto } from '../../portable-crypto.ts'
import { authorize, authStateOf } from '../auth/authorize.ts'
import { testRoom } from '../test-room.ts'
import { keyOfEvent } from './source.ts'
import { type Dag, draftOf, opening, resolveStates, type State, type Step, users } from './test-dag.ts'

/** A server of a room, whose user is the one of the same number. */
export interface Peer {
  dag: Dag
  tips: Set<string>
  /** Heard of, but not what it builds on. */
  waiting: RoomEvent[]
  /** By other server: what is to be sent once it can be reached again. */
  owed: RoomEvent[][]
}

export interface Course {
  version: string
  steps: Step[]
  /** For each stretch of steps, a bit per server: those with the same bit reach each other. */
  cuts: number[]
}

export type Resolver = typeof resolveStates

const stretch = 4
/** Somebody joins. */
const arrival: Step = { sender: 0, action: 0, target: 0, value: 0, joins: 0, from: 0, skew: 10 }
const nat = fc.nat({ max: 1000 })

export const courseIn = (versions: readonly string[]): fc.Arbitrary<Course> =>
  fc.record({
    version: fc.constantFrom(...versions),
    steps: fc.array(
      fc.record({ sender: nat, action: nat, target: nat, value: nat, joins: nat, from: nat, skew: nat }),
      { minLength: 20, maxLength: 50, size: 'max' },
    ),
    cuts: fc.array(fc.nat({ max: 15 }), { minLength: 12, maxLength: 12 }),
  })

/** Plays a course: each server builds on what it has heard, until all hear all. */
export function playPartitions({ version, steps, cuts }: Course, resolver: Resolver = resolveStates): Peer[] {
  const room = testRoom(version)
  const peers = users.map((): Peer => {
    const after = new Map<string, State>([
      [room.create.eventId, new Map([[keyOfEvent(room.create), room.create.eventId]])],
    ])
    const dag = { room, events: new Map([[room.create.eventId, room.create]]), after }
    return { dag, tips: new Set([room.create.eventId]), waiting: [], owed: users.map(() => []) }
  })
  const arrivals = users.slice(1).map((_, index) => ({ ...arrival, sender: index + 1 }))
  const opened = opening + arrivals.length
  for (const [index, step] of [...Array(opening).fill(arrival), ...arrivals, ...steps].entries()) {
    const cut = index < opened ? 0 : (cuts[Math.floor(index / stretch) % cuts.length] as number)
    const reaches = (from: number, to: number) => ((cut >> from) & 1) === ((cut >> to) & 1)
    deliver(peers, reaches, resolver)
    const from = step.sender % users.length
    const said = say(peers[from] as Peer, { step, index, from }, resolver)
    if (!said) continue
    for (const owed of (peers[from] as Peer).owed) owed.push(said)
    deliver(peers, reaches, resolver)
  }
  deliver(peers, () => true, resolver)
  return peers
}

function say(
  { dag, tips }: Peer,
  { step, index, from }: { step: Step; index: number; from: number },
  resolver: Resolver,
): RoomEvent | undefined {
  const prevs = [...tips].slice(-20)
  const before = stateAt(dag, prevs, resolver)
  const sender = users[from] as string
  const event = draftOf(dag, { step, index, prevs, before, sender })
  return !dag.events.has(event.eventId) && isAllowed(dag, event, before) ? event : undefined
}

function deliver(
  peers: readonly Peer[],
  reaches: (from: number, to: number) => boolean,
  resolver: Resolver,
): void {
  peers.forEach(({ owed }, from) => {
    peers.forEach((peer, to) => {
      if (!reaches(from, to)) return
      for (const event of owed[to]?.splice(0) ?? []) peer.waiting.push(event)
      receive(peer, resolver)
    })
  })
}

/** Takes in what waits, as far as it is known what it builds on. */
function receive(peer: Peer, resolver: Resolver): void {
  for (let isNew = true; isNew; ) {
    isNew = false
    for (const event of peer.waiting.splice(0)) {
      if (peer.dag.events.has(event.eventId)) continue
      if (prevEventIds(event.pdu).every((id) => peer.dag.events.has(id))) {
        take(peer, event, resolver)
        isNew = true
      } else peer.waiting.push(event)
    }
  }
}

function take({ dag, tips }: Peer, event: RoomEvent, resolver: Resolver): void {
  const prevs = prevEventIds(event.pdu)
  const before = stateAt(dag, prevs, resolver)
  const changes = event.pdu.state_key !== undefined && isAllowed(dag, event, before)
  dag.events.set(event.eventId, event)
  dag.after.set(event.eventId, changes ? new Map([...before, [keyOfEvent(event), event.eventId]]) : before)
  for (const id of prevs) tips.delete(id)
  tips.add(event.eventId)
}

function stateAt(dag: Dag, prevs: readonly string[], resolver: Resolver): State {
  return resolver(
    dag,
    prevs.map((id) => dag.after.get(id) as State),
  )
}

function isAllowed({ room, events }: Dag, event: RoomEvent, before: State): boolean {
  const state = authStateOf([...before.values()].flatMap((id) => events.get(id) ?? []))
  return authorize(event, state, { rules: room.rules, crypto: portableCrypto }).allowed
}

/** What the servers disagree on once all have heard all; undefined when they don't. */
export function disagreement(peers: readonly Peer[]): string | undefined {
  const [first, ...others] = peers.map(({ dag, tips, waiting }) => ({
    waiting: waiting.length,
    events: [...dag.events.keys()].sort(),
    states: [...dag.after].map(([id, state]) => `${id} ${[...state].sort().join(' ')}`).sort(),
    current: [
      ...resolveStates(
        dag,
        [...tips].map((id) => dag.after.get(id) as State),
      ),
    ]
      .sort()
      .join(' '),
  }))
  for (const [index, other] of others.entries()) {
    for (const what of ['waiting', 'events', 'states', 'current'] as const) {
      if (JSON.stringify(other[what]) !== JSON.stringify(first?.[what]))
        return `${what} of server ${index + 1}`
    }
  }
  return first && first.waiting > 0 ? 'something waits for ever' : undefined
}
