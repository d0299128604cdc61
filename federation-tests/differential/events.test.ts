import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { roomVersions } from '@kith/spec/rooms/room-version'
import type { JudgedRoom, Verdicts } from './cases.ts'
import { compareVerdicts } from './compare.ts'
import { explain } from './explanations.ts'
import { chance } from './generate/chance.ts'
import { generateCases } from './generate/events.ts'
import { startOracle } from './oracle.ts'
import { judgeRoom, rulesOf } from './ours.ts'
import { refusingRules } from './refusing-rules.ts'
import { runEvents, show } from './run-events.ts'

const seed = Number(process.env.KITH_PROVE_SEED ?? 1)
const oracle = startOracle()
after(() => oracle[Symbol.asyncDispose]())

for (const version of roomVersions.keys()) {
  test(`version ${version}: 2,000 events fare as they do with Synapse (seed ${seed})`, async () => {
    const { cases, verdicts, unexplained } = await runEvents({ version, seed, count: 2000, oracle })
    assert.deepEqual(unexplained.map(show), [])
    const share = (verdicts.get('accepted') ?? 0) / cases
    assert.ok(share > 0.15 && share < 0.7, `${share} of the events were accepted`)
    assert.ok((verdicts.get('format') ?? 0) > cases / 100)
  })
}

test('every rule that can refuse an event refuses some', () => {
  for (const version of roomVersions.keys()) {
    const rules = rulesOf(version)
    const random = chance(seed)
    const missing = new Set(refusingRules(rules))
    for (let room = 0; missing.size > 0 && room < 2000; room++) {
      for (const { list, state } of judgeRoom(generateCases(random, rules), rules)) {
        for (const refusal of [list, state])
          if (refusal) missing.delete(refusal.slice(0, refusal.indexOf(' ')))
      }
    }
    assert.deepEqual([...missing], [], `version ${version}`)
  }
})

const rules = rulesOf('11')

/** What an implementation with this fault would say. */
function withFault(fault: (verdict: Verdicts, text: string) => Verdicts) {
  return (room: JudgedRoom) =>
    judgeRoom(room, rules).map((verdict, index) => fault(verdict, room.cases[index]?.event ?? ''))
}

const faults: [string, string, ReturnType<typeof withFault>][] = [
  [
    'a rule that is left out',
    'state',
    withFault((v) => (v.state?.startsWith('4.4.3') ? { ...v, state: null } : v)),
  ],
  [
    'a rule too many',
    'state',
    withFault((v, text) => (text.includes('"ban"') ? { ...v, state: '9 no' } : v)),
  ],
  [
    'auth events that are not looked at',
    'list',
    withFault((v) => (v.list?.startsWith('2.2') ? { ...v, list: null } : v)),
  ],
  [
    'a format that is taken for good',
    'verdict',
    withFault((v) => (v.format ? { list: null, state: null } : v)),
  ],
  [
    'a good format that is refused',
    'verdict',
    withFault((v, text) => (text.includes('join') ? { format: 'no' } : v)),
  ],
  [
    'a wrong hash',
    'contentHash',
    withFault((v) => (v.contentHash ? { ...v, contentHash: `${v.contentHash}=` } : v)),
  ],
  ['a wrong ID', 'eventId', withFault((v) => (v.eventId ? { ...v, eventId: v.eventId.toLowerCase() } : v))],
  [
    'a key that survives a redaction',
    'redacted',
    withFault((v) =>
      v.redacted ? { ...v, redacted: v.redacted.replace('"content":{', '"content":{"x":1,') } : v,
    ),
  ],
  [
    'a state that is not selected',
    'selection',
    withFault((v) => (v.selection ? { ...v, selection: v.selection.slice(0, -1) } : v)),
  ],
]

for (const [fault, stage, judge] of faults) {
  test(`the comparison finds ${fault}`, async () => {
    const random = chance(seed)
    const rooms = Array.from({ length: 20 }, () => generateCases(random, rules))
    const { disagreements } = await compareVerdicts(rooms, { rules, oracle, judge })
    const found = disagreements.filter((disagreement) => explain(disagreement) === undefined)
    assert.ok(found.some((disagreement) => disagreement.stage === stage))
  })
}
