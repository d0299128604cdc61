import { deepStrictEqual } from 'node:assert'
import { defaultRoomVersion } from '@kith/spec/rooms/room-version'
import { diff, type NodeId, unpackRow } from '@kith/spec/rooms/state-trie'
import type { Oracle } from '../../differential/oracle.ts'
import { type Branch, type HeldRoom, longLivedRoom } from './forked-room.ts'
import { forksOf } from './forks.ts'
import { millisecondsPerRun, type ProtocolCase } from './measure.ts'
import { finished, resolveTries } from './resolve-tries.ts'

interface Size {
  entries: number
  conflicts: number
  forks: number
}

const sizes: Size[] = [
  { entries: 1000, conflicts: 10, forks: 2 },
  { entries: 10_000, conflicts: 10, forks: 2 },
  { entries: 100_000, conflicts: 10, forks: 2 },
  { entries: 100_000, conflicts: 10, forks: 20 },
  { entries: 100_000, conflicts: 1000, forks: 2 },
  { entries: 100_000, conflicts: 1000, forks: 20 },
  { entries: 100_000, conflicts: 10_000, forks: 2 },
  { entries: 100_000, conflicts: 10_000, forks: 20 },
]

/** What the oracle answers to `measure`: how the resolved state differs from that of the first fork, and the time. */
interface Measured {
  changed: string[]
  removed: string[]
  ms: number
}

const sentAtOnce = 5000

/**
 * Where the branches of a room meet. We begin with the roots of their states and end with that of the resolved one,
 * Synapse begins and ends with maps; both have all events and all that is stored in memory.
 */
export function resolutionCases(): ProtocolCase[] {
  const rooms = new Map<number, Branch>()
  const sent = new Map<number, number>()
  const roomOf = (entries: number) => {
    const base = rooms.get(entries) ?? longLivedRoom(defaultRoomVersion, entries)
    rooms.set(entries, base)
    return base
  }
  const preload = async (oracle: Oracle, entries: number) => {
    const { events } = roomOf(entries).room
    for (let at = sent.get(entries) ?? 0; at < events.length; at += sentAtOnce) {
      const texts = events.slice(at, at + sentAtOnce).map(({ pdu }) => JSON.stringify(pdu))
      const item = { room: String(entries), version: defaultRoomVersion, events: texts }
      await oracle.ask('resolution', 'preload', [item])
    }
    sent.set(entries, events.length)
  }
  return sizes.map((size) => resolutionCase(size, roomOf, preload))
}

function resolutionCase(
  { entries, conflicts, forks }: Size,
  roomOf: (entries: number) => Branch,
  preload: (oracle: Oracle, entries: number) => Promise<void>,
): ProtocolCase {
  let branches: Branch[] = []
  const rootsOf = () => branches.map(({ root }) => root as NodeId)
  return {
    name: `resolution: ${conflicts} conflicts of ${forks} forks in ${entries} entries`,
    operations: 1,
    unit: 'ms',
    ours(atLeastMs) {
      const base = roomOf(entries)
      branches = forksOf(base, { forks, conflicts })
      const roots = rootsOf()
      return millisecondsPerRun(() => resolveTries(base.room, roots), atLeastMs)
    },
    async theirs(oracle, atLeastMs) {
      const base = roomOf(entries)
      await preload(oracle, entries)
      const ids = (branch: Branch) => [...branch.own.values()].map(({ eventId }) => eventId)
      const item = { room: String(entries), base: ids(base), forks: branches.map(ids), atLeastMs }
      const [measured] = await oracle.ask<Measured>('resolution', 'measure', [item])
      const { ms, ...outcome } = measured as Measured
      deepStrictEqual(outcomeOf(base.room, rootsOf()), outcome)
      return ms
    },
  }
}

function outcomeOf(room: HeldRoom, roots: readonly NodeId[]): Omit<Measured, 'ms'> {
  const { root, rows } = resolveTries(room, roots)
  const nodes = new Map([...room.nodes, ...rows.flatMap(unpackRow).map((node) => [node.id, node] as const)])
  const changes = [...finished({ nodes }, diff(nodes, roots[0] as NodeId, root)).values()]
  const idsOf = (numbers: (number | undefined)[]) =>
    numbers.flatMap((number) => (number === undefined ? [] : (room.events[number - 1]?.eventId ?? []))).sort()
  return {
    changed: idsOf(changes.map(({ after }) => after)),
    removed: idsOf(changes.map(({ before, after }) => (after === undefined ? before : undefined))),
  }
}
