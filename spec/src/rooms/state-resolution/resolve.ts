import type { RoomEvent } from '../../events/pdu.ts'
import { type StateKey, stateKeyOf } from '../state-key.ts'
import { resolveFirst } from './resolve-v1.ts'
import { beginSecond } from './resolve-v2.ts'
import { type Begun, type Conflict, keyOfEvent, MissingEvents, type Resolution } from './source.ts'

export { type StateKey, splitStateKey, stateKeyOf } from '../state-key.ts'
export { type Begun, type Conflict, MissingEvents, type Resolution, type Undecided } from './source.ts'

const algorithms = {
  v1: (conflict: Conflict): Begun => ({ undecided: [], finish: () => resolveFirst(conflict) }),
  v2: beginSecond,
  'v2.1': beginSecond,
}

/**
 * Resolves as far as it goes without the auth chains of what the forks share. The order of the forks and of their keys
 * does not matter. Throws MissingEvents; call again with what it names.
 */
export function beginResolution(conflict: Conflict): Begun {
  return algorithms[conflict.rules.stateResolution](conflict)
}

/**
 * The state in which forks meet: its entries under the keys on which they differ.
 *
 * A key that no fork has appears as well if an event of the auth difference turns out to be allowed. Throws
 * MissingEvents; call again with what it names. The order of the forks and of their entries does not matter.
 */
export function resolve(input: Resolution): Map<StateKey, string> {
  const { undecided, finish } = beginResolution({
    ...input,
    forks: inColumns(input),
    shared: (type, stateKey) => input.shared(stateKeyOf(type, stateKey)),
  })
  const common = undecided.map(({ event }) => event.eventId).filter((id) => input.inSharedChain?.(id))
  const entries = finish(new Set(common))
  return new Map(entries.map((entry) => [keyOfEvent(entry), entry.eventId]))
}

function inColumns({ forks, event }: Resolution): (RoomEvent | undefined)[][] {
  const keys = [...new Set(forks.flatMap((fork) => [...fork.keys()]))]
  const ids = new Set(forks.flatMap((fork) => [...fork.values()]))
  const missing = [...ids].filter((id) => event(id) === undefined)
  if (missing.length > 0) throw new MissingEvents(missing)
  return forks.map((fork) => keys.map((key) => event(fork.get(key) ?? '')))
}
