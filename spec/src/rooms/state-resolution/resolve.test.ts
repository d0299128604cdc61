import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { prevEventIds } from '../../events/references.ts'
import { resolveNaively } from './naive-resolution.ts'
import { type Dag, playDag, resolveStates, type State, stateBefore, tipsOf } from './test-dag.ts'
import { nat, steps } from './test-steps.ts'

const sorted = (state: State) => [...state].sort(([a], [b]) => (a < b ? -1 : 1))

/** Some sets of states that a server may have to resolve: of the tips, and of any events. */
function meetings(dag: Dag, picks: readonly number[]): State[][] {
  const all = [...dag.after.values()]
  const tips = tipsOf(dag).map((id) => dag.after.get(id) as State)
  return [tips, ...picks.map((pick) => [0, 7, 3].map((offset) => all[(pick + offset) % all.length] as State))]
}

for (const version of ['11', '12']) {
  test(`A7: version ${version}: resolving differences gives what the specification's words give`, () => {
    fc.assert(
      fc.property(steps, fc.array(nat, { maxLength: 5 }), (played, picks) => {
        const dag = playDag(version, played)
        for (const states of meetings(dag, picks)) {
          assert.deepEqual(sorted(resolveStates(dag, states)), sorted(resolveNaively(dag, states)))
        }
      }),
      { numRuns: 150 },
    )
  })

  test(`A7: version ${version}: servers that receive events in any order have the same state`, () => {
    fc.assert(
      fc.property(steps, fc.array(nat, { minLength: 60, maxLength: 60 }), (played, order) => {
        const dag = playDag(version, played)
        const expected = sorted(stateBefore(dag, tipsOf(dag)))
        for (const server of [1, 2, 3]) {
          const own = receive(
            dag,
            order.map((number) => number * server),
          )
          assert.deepEqual(sorted(stateBefore(own, tipsOf(own).toReversed())), expected)
        }
      }),
      { numRuns: 60 },
    )
  })
}

/** The same events at another server: each as soon as its previous events are there, chance deciding among them. */
function receive(dag: Dag, order: readonly number[]): Dag {
  const own: Dag = { room: dag.room, events: new Map(), after: new Map() }
  const waiting = [...dag.events.values()].toReversed()
  for (let turn = 0; waiting.length > 0; turn++) {
    const ready = waiting.filter(({ pdu }) => prevEventIds(pdu).every((id) => own.events.has(id)))
    const event = ready[(order[turn % order.length] as number) % ready.length] as (typeof ready)[number]
    waiting.splice(waiting.indexOf(event), 1)
    const prevs = turn % 2 === 0 ? prevEventIds(event.pdu) : prevEventIds(event.pdu).toReversed()
    const before = prevs.length === 0 ? new Map<string, string>() : stateBefore(own, prevs)
    own.events.set(event.eventId, event)
    const { type, state_key: key } = event.pdu
    own.after.set(
      event.eventId,
      key === undefined ? before : new Map([...before, [`${type}\0${key}`, event.eventId]]),
    )
  }
  return own
}
