import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Condition, noStoredRules, type StoredRules } from '@kith/spec/push/rules'
import { audience, listening } from '../bench/protocol/audience.ts'
import { startOracle } from './oracle.ts'
import { type Effect, effectsOf, type PushScene } from './push-scenes.ts'
import { runPush } from './run-push.ts'

const count = 2000

test('push rules come to what they come to with Synapse', async () => {
  await using oracle = startOracle()
  const { notifying, different } = await runPush(oracle, { seed: 4, count })
  assert.deepEqual(different, [])
  assert.ok(notifying > count / 5 && notifying < (count * 4) / 5, `${notifying} of ${count} notify`)
})

test('a message in a large room does for everybody what it does with Synapse, looked at by class or singly', async () => {
  await using oracle = startOracle()
  const scene = audience(1000)
  const room = listening(scene)
  const [theirs] = await oracle.ask<Effect[]>('push', 'evaluate', [scene])
  assert.deepEqual(room.singly(), theirs)
  assert.deepEqual(room.byClass(), theirs)
  assert.equal(room.lookedAt, 51)
})

const match = (key: string, pattern: string): Condition => ({ kind: 'event_match', key, pattern })

/** Where we part from Synapse, and what the specification says. */
const partings: {
  says: string
  condition: Condition
  content: PushScene['event']['content']
  displayName?: string
  ours: boolean
}[] = [
  {
    says: 'A word boundary is … any character not in the sets [A-Z], [a-z], [0-9] or _.',
    condition: match('content.body', 'tea'),
    content: { body: 'l’été:tea你' },
    ours: true,
  },
  {
    says: 'A word boundary is … any character not in the sets [A-Z], [a-z], [0-9] or _.',
    condition: match('content.body', '你好'),
    content: { body: '说你好吗' },
    ours: true,
  },
  {
    says: 'The character * matches zero or more characters.',
    condition: match('content.topic', 'a*b'),
    content: { topic: 'a\nb' },
    ours: true,
  },
  {
    says: 'The match is performed case-insensitively, and must match the entire value of the event property.',
    condition: match('content.topic', '*İ*?'),
    content: { topic: 'aİb' },
    ours: true,
  },
  {
    says: 'This matches messages where content.body contains the owner’s display name in that room.',
    condition: { kind: 'contains_display_name' },
    content: { body: 'hello' },
    displayName: '*',
    ours: false,
  },
  {
    says: 'Other escape sequences are left as-is, e.g. a \\x would be treated as a literal backslash followed by ‘x’.',
    condition: match('content.m\\foo', 'bar'),
    content: { 'm\\foo': 'bar' },
    ours: true,
  },
]

test('where Synapse decides otherwise, the specification has us right', async () => {
  await using oracle = startOracle()
  const scenes = partings.map(sceneOf)
  const theirs = await oracle.ask<Effect[]>('push', 'evaluate', scenes)
  partings.forEach(({ ours, says }, index) => {
    const scene = scenes[index] as PushScene
    assert.deepEqual(effectsOf(scene), [[ours, false]], says)
    assert.deepEqual(theirs[index], [[!ours, false]], `Synapse has come round: ${says}`)
  })
})

function sceneOf({ condition, content, displayName }: (typeof partings)[number]): PushScene {
  const mine = {
    rule_id: 'mine',
    default: false,
    enabled: true,
    actions: ['notify'],
    conditions: [condition],
  }
  const rules: StoredRules = { ...noStoredRules, own: { ...noStoredRules.own, override: [mine] } }
  return {
    event: {
      event_id: '$event',
      room_id: '!room:kith.test',
      sender: '@bob:b.test',
      type: 'org.example',
      content,
    },
    memberCount: 3,
    senderPower: 0,
    notificationLevels: {},
    rules: [rules],
    people: [{ userId: '@alice:kith.test', rules: 0, ...(displayName === undefined ? {} : { displayName }) }],
  }
}
