import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import { alice, type EventInput, testRoom } from '@kith/spec/rooms/test-room'
import type { Description, JudgedRoom, Verdicts } from './cases.ts'
import { startOracle } from './oracle.ts'
import { canonical, describeEvent, judgeRoom, signer } from './ours.ts'

const texts = [
  '{"b":[1,-2,{}],"a":"é\\u0000\\/\\ud83d\\ude00","\\uffff":1,"\\ud83d\\ude00":2}',
  '{"a":1.5',
  '[true,null]',
]

test('canonical JSON is that of canonicaljson', async () => {
  await using oracle = startOracle()
  assert.deepEqual(texts.map(canonical), await oracle.ask('events', 'canonical', texts))
})

for (const version of ['10', '11', '12']) {
  test(`version ${version}: hashes, IDs, redacted forms, signatures and verdicts are Synapse's`, async () => {
    await using oracle = startOracle()
    const room = testRoom(version)
    const { rules, create } = room
    const event = (input: EventInput) => room.event({ prev_events: [create.eventId], ...input })
    const signatures = { 'a.test': { 'ed25519:auto': 'c2ln' } }
    const text = ({ pdu }: { pdu: object }) => JSON.stringify({ ...pdu, signatures })
    const join = event({ type: 'm.room.member', state_key: alice, content: { membership: 'join' } })
    const levels = (content: JsonObject) => event({ type: 'm.room.power_levels', state_key: '', content })
    const events = [create, join, levels({ users_default: 10 }), levels({ ban: '5' })].map(text)

    const items = events.map((event) => ({
      version,
      event,
      server: signer.server,
      keyName: signer.keyName,
      seed: signer.seed,
    }))
    const described = await oracle.ask<Description>('events', 'describe', items)
    assert.deepEqual(
      events.map((event) => describeEvent(event, rules)),
      described,
    )

    const asked: JudgedRoom = {
      version,
      state: events.slice(0, 2),
      cases: events.map((event, index) => ({ event, state: index < 2 ? [0] : [0, 1] })),
    }
    const [theirs = []] = await oracle.ask<Verdicts[]>('auth', 'judge', [asked])
    const stages = (verdicts: Verdicts[]) =>
      verdicts.map(({ state, format }) => [format === undefined, state === null])
    assert.deepEqual(stages(judgeRoom(asked, rules)), stages(theirs))
  })
}
