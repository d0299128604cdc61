/** Reads of room states by (type, state key), in batches. */
import type { RoomEvent } from '@kith/spec/events/pdu'
import type { AuthState } from '@kith/spec/rooms/auth/authorize'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { stateKeyNameOf } from '../../storage/interning.ts'
import type { StoredEvent } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'

export type StatePair = readonly [type: string, stateKey: string]

type Parts = Pick<Homeserver, 'database' | 'interning' | 'states' | 'events'>

/** Some entries of a state, preloaded, so that rules can read them synchronously. */
export class PartialState<E extends RoomEvent = StoredEvent> implements AuthState {
  readonly #events = new Map<string, E>()

  set(type: string, stateKey: string, event: E): void {
    this.#events.set(stateKeyNameOf(type, stateKey), event)
  }

  get(type: string, stateKey: string): E | undefined {
    return this.#events.get(stateKeyNameOf(type, stateKey))
  }

  values(): IterableIterator<E> {
    return this.#events.values()
  }
}

/** The entries of a state under some pairs. */
export async function stateAt(
  server: Parts,
  root: NodeId,
  pairs: readonly StatePair[],
): Promise<PartialState> {
  const state = new PartialState()
  if (root === 0) return state
  const names = pairs.map((pair) => stateKeyNameOf(...pair))
  const numbers = await server.interning.stateKeys.find(server.database, names)
  const found = await server.states.lookup(root, [...numbers.values()])
  const events = await server.events.byNumber(found.values())
  for (const [index, [type, stateKey]] of pairs.entries()) {
    const number = numbers.get(names[index] as string)
    const event = number === undefined ? undefined : events.get(found.get(number) ?? 0)
    if (event) state.set(type, stateKey, event)
  }
  return state
}

/** One entry of a state. */
export async function stateEvent(
  server: Parts,
  root: NodeId,
  [type, stateKey]: StatePair,
): Promise<StoredEvent | undefined> {
  return (await stateAt(server, root, [[type, stateKey]])).get(type, stateKey)
}

/** All events of a state: its cost is the room's size. */
export async function fullState(server: Parts, root: NodeId): Promise<StoredEvent[]> {
  const entries = await server.states.entries(root)
  return [...(await server.events.byNumber(entries.values())).values()]
}
