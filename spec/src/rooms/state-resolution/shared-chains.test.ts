import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RoomEvent } from '../../events/pdu.ts'
import { prevEventIds } from '../../events/references.ts'
import { authStateKeys } from '../auth/authorize.ts'
import { edit, type NodeId, type PackedNode, unpackRow } from '../state-trie.ts'
import { alice, type EventInput, testRoom } from '../test-room.ts'
import { inSharedChains, type TrieEvent, type Wanted } from './shared-chains.ts'
import { keyOfEvent } from './source.ts'
import { chainOf, type Dag, playDag, type State, stateBefore } from './test-dag.ts'
import { steps } from './test-steps.ts'

/** A played room whose states are tries. Nodes and events are loaded when they are asked for, and counted. */
class Store {
  readonly dag: Dag
  readonly #nodes = new Map<NodeId, PackedNode>()
  readonly #loadedNodes = new Map<NodeId, PackedNode>()
  readonly #events = new Map<string, TrieEvent>()
  readonly #loaded = new Map<string, TrieEvent>()
  readonly #keys = new Map<string, number>()
  readonly #roots = new Map<string, NodeId>()
  readonly #restsOn: number
  /** Made from each other, so that what they have alike is shared. */
  #last: { state: State; root: NodeId } = { state: new Map(), root: 0 }
  #rows = 0
  loads = 0

  /** @param restsOn if not 0, what an event is said to rest on is some event of its chain and not itself */
  constructor(dag: Dag, isOutlier: (index: number) => boolean = () => false, restsOn = 0) {
    this.dag = dag
    this.#restsOn = restsOn
    for (const event of dag.events.values()) {
      const number = this.#events.size + 1
      this.#events.set(event.eventId, { ...event, number, stateKey: this.key(keyOfEvent(event)) })
    }
    for (const [index, event] of [...this.#events.values()].entries()) {
      const before =
        event.pdu.prev_events.length === 0 ? new Map() : stateBefore(dag, prevEventIds(event.pdu))
      if (!isOutlier(index)) event.rootBefore = this.root(before)
    }
  }

  key(name: string): number {
    const number = this.#keys.get(name) ?? this.#keys.size + 1
    this.#keys.set(name, number)
    return number
  }

  root(state: State): NodeId {
    const name = JSON.stringify([...state].sort())
    const known = this.#roots.get(name)
    if (known !== undefined) return known
    const gone = [...this.#last.state.keys()].filter((key) => !state.has(key))
    const edits = new Map<number, number | undefined>(gone.map((key) => [this.key(key), undefined]))
    for (const [key, id] of state) edits.set(this.key(key), this.#events.get(id)?.number)
    const { value, done } = edit(this.#nodes, this.#last.root, {
      edits,
      nextRowId: () => ++this.#rows,
    }).next(this.#nodes)
    assert.ok(done)
    for (const node of value.rows.flatMap(unpackRow)) this.#nodes.set(node.id, node)
    this.#last = { state, root: value.root }
    this.#roots.set(name, value.root)
    return value.root
  }

  inSharedChains(
    states: readonly State[],
    conflicted: ReadonlySet<string>,
    ids: readonly string[],
  ): Set<string> {
    this.#loaded.clear()
    this.#loadedNodes.clear()
    this.loads = 0
    const keys = new Set([...conflicted].map((key) => this.key(key)))
    const byNumber = new Map([...this.#events.values()].map((event) => [event.number, event]))
    const search = inSharedChains(
      {
        rules: this.dag.room.rules,
        nodes: this.#loadedNodes,
        base: this.root(states[0] as State),
        isConflicted: (key) => keys.has(key),
        powerKeys: ['m.room.create\0', 'm.room.power_levels\0'].map((name) => this.key(name)),
        byNumber: (number) => this.#loaded.get(byNumber.get(number)?.eventId ?? ''),
        byId: (id) => this.#loaded.get(id),
      },
      ids.map((id, index) => {
        const chain = [...chainOf(this.dag, [id])]
        const restsOn = chain[(index * this.#restsOn) % chain.length] as string
        return { event: this.#events.get(id) as TrieEvent, restsOn: this.#events.get(restsOn) as TrieEvent }
      }),
    )
    let step = search.next(this.#loadedNodes)
    while (!step.done) {
      this.#load(step.value, byNumber)
      step = search.next(this.#loadedNodes)
    }
    return step.value
  }

  #load({ nodes = [], numbers = [], ids = [] }: Wanted, byNumber: ReadonlyMap<number, TrieEvent>): void {
    this.loads += nodes.length + numbers.length + ids.length
    for (const id of nodes) this.#loadedNodes.set(id, this.#nodes.get(id) as PackedNode)
    for (const id of [...ids, ...numbers.map((number) => byNumber.get(number)?.eventId as string)]) {
      this.#loaded.set(id, this.#events.get(id) as TrieEvent)
    }
  }
}

/** The keys on which states differ, and what is behind the entries that they share, found without a thought for cost. */
function naively(dag: Dag, states: readonly State[]) {
  const keys = new Set(states.flatMap((state) => [...state.keys()]))
  const first = states[0] as State
  const conflicted = new Set(
    [...keys].filter((key) => states.some((state) => state.get(key) !== first.get(key))),
  )
  const shared = [...first].filter(([key]) => !conflicted.has(key)).map(([, id]) => id)
  return { conflicted, chain: chainOf(dag, shared) }
}

for (const version of ['11', '12']) {
  test(`A7: version ${version}: what is behind shared entries is found by following the later ones`, () => {
    fc.assert(
      fc.property(steps, fc.array(fc.nat({ max: 1000 }), { minLength: 3, maxLength: 9 }), (played, picks) => {
        const dag = playDag(version, played)
        const after = [...dag.after.values()]
        const states = picks.slice(0, 3).map((pick) => after[pick % after.length] as State)
        const { conflicted, chain } = naively(dag, states)
        const isOutlier = (index: number) => picks.some((pick) => pick % 7 === index % 7 && pick % 2 === 0)
        const store = new Store(dag, isOutlier, picks[0])
        const all = [...dag.events.keys()]
        // What is looked at first is what has a candidate's own key: with few of them, the rest is searched.
        const groups = [...all.map((id) => [id]), all.filter((_, index) => index % 7 === 0)]
        for (const candidates of groups) {
          const found = store.inSharedChains(states, conflicted, candidates)
          assert.deepEqual([...found].sort(), candidates.filter((id) => chain.has(id)).sort())
        }
      }),
      { numRuns: 100 },
    )
  })
}

test('A7: finding it costs by what came after the branches parted, not by the size of the room', () => {
  const loads = [50, 400].map((size) => {
    const { store, states, ids } = brokenPromise(size)
    const found = store.inSharedChains(states, new Set(['m.room.topic\0', 'm.room.join_rules\0']), ids)
    assert.deepEqual([...found], ids.slice(0, 1), 'only the join rule by which the members came in')
    return store.loads
  })
  assert.ok((loads[1] as number) < (loads[0] as number) + 40, `${loads} events and nodes were loaded`)
})

/** Members came in by a join rule that a branch has replaced twice; another changed the topic. */
function brokenPromise(size: number) {
  const room = testRoom('11')
  const dag: Dag = { room, events: new Map(), after: new Map() }
  let state: State = new Map()
  let tip: RoomEvent | undefined
  const add = (input: EventInput) => {
    const draft = { state_key: '', sender: alice, content: {}, ...input }
    const named = authStateKeys(draft, room.rules).flatMap(
      ([type, key]) => state.get(`${type}\0${key}`) ?? [],
    )
    const event = tip ? room.event({ ...draft, auth_events: named, prev_events: [tip.eventId] }) : room.create
    tip = event
    dag.events.set(event.eventId, event)
    state = new Map([...state, [keyOfEvent(event), event.eventId]])
    dag.after.set(event.eventId, state)
    return event
  }
  const joinRule = (rule: string) => add({ type: 'm.room.join_rules', content: { join_rule: rule } })
  const join = { type: 'm.room.member', content: { membership: 'join' } }
  add({ type: 'm.room.create' })
  add({ ...join, state_key: alice })
  const first = joinRule('public')
  for (let index = 0; index < size; index++) {
    add({ ...join, sender: `@user${index}:b.test`, state_key: `@user${index}:b.test` })
  }
  const [forkTip, forkState] = [tip, state]
  const second = joinRule('invite')
  joinRule('knock')
  const closed = state
  ;[tip, state] = [forkTip, forkState]
  add({ type: 'm.room.topic' })
  return { store: new Store(dag), states: [state, closed], ids: [first.eventId, second.eventId] }
}
