/** Random events and push rules, on which Kith and Synapse must agree; what they see otherwise is in `push.test.ts`. */
import type { Json } from '@kith/spec/json'
import type { Action, Condition, RuleKind } from '@kith/spec/push/rules'
import fc from 'fast-check'
import type { PushScene } from './push-scenes.ts'

const alice = '@alice:kith.test'
const bob = '@bob:b.test'
const room = '!room:kith.test'

/** Outside of ASCII only what no one takes for a letter. */
const wordChars = ['a', 'b', 'A', 'B', '_', '1', ' ', '-', '.', '+', '[', '\\', '😀']
// Without İ, which is two characters in lower case: see `partings` in push.test.ts.
const letters = ['é', 'É', '你', 'ß', 'Σ', 'σ', 'K']
const textOf = (chars: string[]) =>
  fc.array(fc.constantFrom(...chars), { maxLength: 8 }).map((all) => all.join(''))
const name = textOf(wordChars)
const body = name
const text = textOf([...wordChars, ...letters])
const scalar = fc.constantFrom<Json[]>('a', 1, 0, -1, true, false, null, 'true', 2 ** 53 - 1)
const list = fc.array(scalar, { maxLength: 3 })

const wildcards = ['*', '?', '', '**', '?*']
/** Patterns made from texts, so that they often match. */
const patternFrom = (source: fc.Arbitrary<string>) =>
  fc.tuple(source, fc.array(fc.nat(9), { minLength: 8, maxLength: 8 })).map(([from, dice]) => {
    return [...from].map((char, index) => wildcards[dice[index] ?? 9] ?? char).join('')
  })

const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    kind: fc.constant('event_match'),
    key: fc.constant('content.body'),
    pattern: patternFrom(body),
  }),
  fc.record({
    kind: fc.constant('event_match'),
    key: fc.constantFrom(
      'content.topic',
      'content.a\\.b',
      'content.a.b',
      'content.x\\\\y',
      'content.list',
      'content.other',
      'content',
    ),
    pattern: patternFrom(text),
  }),
  fc.record({
    kind: fc.constant('event_match'),
    key: fc.constantFrom('type', 'room_id', 'sender', 'state_key', 'event_id', 'depth', ''),
    pattern: fc.constantFrom('m.room.*', 'M.ROOM.MESSAGE', '!room*', '@bob:?.test', '', '*', '$event', '7'),
  }),
  fc.record({
    kind: fc.constantFrom('event_property_is', 'event_property_contains'),
    key: fc.constantFrom(
      'content.body',
      'content.a\\.b',
      'content.a.b',
      'content.list',
      'content.other',
      'depth',
      'sender',
    ),
    value: scalar,
  }),
  fc.constant({ kind: 'contains_display_name' }),
  fc.record({
    kind: fc.constant('room_member_count'),
    is: fc.constantFrom('2', '==2', '<3', '>1', '<=2', '>=3', '>2', '02'),
  }),
  fc.record({ kind: fc.constant('sender_notification_permission'), key: fc.constantFrom('room', 'other') }),
  fc.constant({ kind: 'org.example.unknown' }),
)

const highlight = (value?: boolean): Action => ({
  set_tweak: 'highlight',
  ...(value === undefined ? {} : { value }),
})
const actions = fc.constantFrom<Action[][]>(
  [],
  ['notify'],
  ['notify', highlight()],
  ['notify', highlight(true)],
  ['notify', highlight(false)],
  ['notify', { set_tweak: 'sound', value: 'default' }],
  ['dont_notify'],
  ['coalesce', 'notify'],
)

const rules = (kind: RuleKind, ids: fc.Arbitrary<string>, parts: object = {}) =>
  fc.uniqueArray(
    fc.record({
      rule_id: ids,
      default: fc.constant(false),
      enabled: fc.boolean(),
      actions,
      ...(kind === 'override' || kind === 'underride'
        ? { conditions: fc.array(condition, { maxLength: 2 }) }
        : {}),
      ...parts,
    }),
    { maxLength: 2, selector: (rule) => rule.rule_id },
  )
const anyId = fc.constantFrom('one', 'two', 'three')
const changeable = [
  '.m.rule.master',
  '.m.rule.suppress_notices',
  '.m.rule.invite_for_me',
  '.m.rule.member_event',
  '.m.rule.is_user_mention',
  '.m.rule.is_room_mention',
  '.m.rule.tombstone',
  '.m.rule.suppress_edits',
  '.m.rule.room_one_to_one',
  '.m.rule.message',
]
const stored = fc.record({
  own: fc.record({
    override: rules('override', anyId),
    content: rules('content', anyId, { pattern: patternFrom(body) }),
    room: rules('room', fc.constantFrom(room, '!other:kith.test')),
    sender: rules('sender', fc.constantFrom(bob, alice)),
    underride: rules('underride', anyId),
  }),
  changed: fc.uniqueArray(
    fc.record(
      { rule_id: fc.constantFrom(...changeable), enabled: fc.boolean(), actions },
      { requiredKeys: ['rule_id'] },
    ),
    { maxLength: 2, selector: (change) => change.rule_id },
  ),
})

const content = fc.record(
  {
    body: fc.oneof(body, body, scalar),
    topic: text,
    'a.b': fc.oneof(text, scalar, list),
    a: fc.constantFrom<Json[]>({ b: 'a' }, { b: 1 }, { b: ['a'] }),
    list,
    'x\\y': text,
    other: fc.oneof(text, scalar, list, fc.constant({ b: 'a' })),
    msgtype: fc.constantFrom('m.text', 'm.notice'),
    membership: fc.constantFrom('invite', 'join'),
    'm.relates_to': fc.constantFrom<Json[]>({ rel_type: 'm.replace' }, { rel_type: 'm.thread' }),
    'm.mentions': fc.constantFrom<Json[]>({ user_ids: [bob, alice] }, { room: true }, { room: 'true' }, {}),
  },
  { requiredKeys: [] },
)
const event = fc.record(
  {
    event_id: fc.constant('$event'),
    room_id: fc.constant(room),
    sender: fc.constantFrom(bob, bob, bob, alice),
    type: fc.constantFrom(
      'm.room.message',
      'm.room.message',
      'm.room.encrypted',
      'm.call.invite',
      'm.room.member',
      'm.reaction',
      'm.room.tombstone',
      'm.room.server_acl',
    ),
    depth: fc.constant(7),
    content,
    state_key: fc.constantFrom('', alice, bob),
  },
  { requiredKeys: ['event_id', 'room_id', 'sender', 'type', 'depth', 'content'] },
)

export const pushScene = fc.record({
  event,
  memberCount: fc.integer({ min: 1, max: 4 }),
  senderPower: fc.constantFrom(0, 49, 50),
  notificationLevels: fc.constantFrom<{ [key: string]: number }[]>({}, { room: 0 }, { other: 60 }),
  rules: fc.tuple(stored),
  people: fc.tuple(fc.record({ userId: fc.constant(alice), displayName: name, rules: fc.constant(0) })),
}) as unknown as fc.Arbitrary<PushScene>
