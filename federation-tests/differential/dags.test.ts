import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { roomVersions } from '@kith/spec/rooms/room-version'
import { resolveStates, type State } from '@kith/spec/rooms/state-resolution/test-dag'
import { startOracle } from './oracle.ts'
import { runDags } from './run-dags.ts'

const seed = Number(process.env.KITH_PROVE_SEED ?? 1)
const oracle = startOracle()
after(() => oracle[Symbol.asyncDispose]())

for (const version of roomVersions.keys()) {
  test(`A7: version ${version}: 50 rooms that fork come to the state that Synapse comes to (seed ${seed})`, async () => {
    const { meetings, conflicts, mixed, unexplained } = await runDags({ version, seed, count: 50, oracle })
    assert.deepEqual(unexplained, [])
    assert.ok(conflicts > meetings / 2, `${conflicts} of ${meetings} meetings had something to resolve`)
    assert.ok(
      mixed > conflicts / 20,
      `${mixed} of ${conflicts} conflicts were settled by more than one state`,
    )
  })
}

const faults: [string, typeof resolveStates][] = [
  ['a state that is taken whole', (_, [first = new Map()]) => first],
  ['a union in which the last one wins', (_, states) => new Map(states.flatMap((state) => [...state]))],
  ['an entry that is lost', (dag, states) => withoutOne(resolveStates(dag, states))],
]

const withoutOne = (state: State): State => new Map([...state].slice(0, -1))

for (const [fault, resolve] of faults) {
  test(`the comparison finds ${fault}`, async () => {
    const { unexplained } = await runDags({ version: '11', seed, count: 20, oracle, resolve })
    assert.ok(unexplained.length > 0)
  })
}
