/** Whether events are in the auth chain of what all forks share: what `spec` asks for is loaded as it asks. */
import type { Undecided } from '@kith/spec/rooms/state-resolution/resolve'
import {
  type Candidate,
  inSharedChains,
  powerTypes,
  type Wanted,
} from '@kith/spec/rooms/state-resolution/shared-chains'
import type { NodeId, NodeSource } from '@kith/spec/rooms/state-trie'
import { stateKeyNameOf } from '../../storage/interning.ts'
import type { EventNumber, StoredEvent } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import type { Material } from './resolution-material.ts'

const powerKeys = powerTypes.map((type) => stateKeyNameOf(type, ''))

/** @returns the IDs of those that are */
export async function commonAmong(
  server: Homeserver,
  { roots, keys, rules }: Material,
  undecided: readonly Undecided[],
): Promise<ReadonlySet<string>> {
  if (undecided.length === 0) return new Set()
  const loaded = new Loaded(server)
  const candidates: Candidate<StoredEvent>[] = []
  for (const { event, restsOn } of undecided) {
    const [one, other] = [await loaded.event(event.eventId), await loaded.event(restsOn.eventId)]
    if (one && other) candidates.push({ event: one, restsOn: other })
  }
  const scene = {
    rules,
    nodes: server.states,
    base: roots[0] as NodeId,
    isConflicted: (key: number) => keys.has(key),
    powerKeys: [...(await server.interning.stateKeys.find(server.database, powerKeys)).values()],
    byNumber: (number: EventNumber) => loaded.byNumber.get(number),
    byId: (id: string) => loaded.byId.get(id),
  }
  const search = inSharedChains(scene, candidates)
  let step = search.next(server.states)
  while (!step.done) step = search.next(await loaded.load(step.value))
  return step.value
}

class Loaded {
  readonly #server: Homeserver
  readonly byNumber = new Map<EventNumber, StoredEvent>()
  readonly byId = new Map<string, StoredEvent>()

  constructor(server: Homeserver) {
    this.#server = server
  }

  async event(id: string): Promise<StoredEvent | undefined> {
    return this.byId.get(id) ?? (await this.#server.events.one(id))
  }

  async load({ nodes = [], numbers = [], ids = [] }: Wanted): Promise<NodeSource> {
    const { events, states } = this.#server
    for (const event of (await events.byNumber(numbers)).values()) this.#add(event)
    for (const event of (await events.byId(ids)).values()) this.#add(event)
    return nodes.length > 0 ? states.load(nodes) : states
  }

  #add(event: StoredEvent): void {
    this.byNumber.set(event.number, event)
    this.byId.set(event.eventId, event)
  }
}
