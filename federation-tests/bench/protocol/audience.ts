import { compileRules } from '@kith/spec/push/compile-rules'
import { evaluate } from '@kith/spec/push/evaluate'
import { FlatEvent } from '@kith/spec/push/flat-event'
import { classEffects, situationOf } from '@kith/spec/push/rule-classes'
import { noStoredRules, type PushRule, rulesetOf, type StoredRules, whoever } from '@kith/spec/push/rules'
import { standingIn, standingsOf } from '@kith/spec/push/standings'
import { contextOf, type Effect, type PushScene, roomEvent } from '../../differential/push-scenes.ts'

const room = '!room:a.test'
const quiet = { default: false, enabled: true, actions: [] }

/** Rules as people have them, and of a hundred people how many have them. */
const mixture: [people: number, rules: (index: number) => StoredRules][] = [
  [78, () => noStoredRules],
  [8, () => withOwn({ override: [{ ...quiet, rule_id: room, conditions: [inRoom] }] })],
  [9, () => withOwn({ room: [{ ...quiet, rule_id: room }] })],
  [5, (index) => withOwn({ content: ['tea', 'garden', `word${index}`].map(keyword) })],
]
const inRoom = { kind: 'event_match', key: 'room_id', pattern: room }
const withOwn = (own: Partial<StoredRules['own']>) => ({
  ...noStoredRules,
  own: { ...noStoredRules.own, ...own },
})
const keyword = (pattern: string): PushRule => ({
  ...quiet,
  rule_id: pattern,
  pattern,
  actions: ['notify', { set_tweak: 'highlight' }],
})

/** A message with two mentions in a room of so many local members. */
export function audience(members: number): PushScene {
  const kinds = mixture.flatMap(([people, rules]) => Array.from({ length: people }, () => rules))
  const rules = kinds.map((make, index) => make(index))
  const people = Array.from({ length: members }, (_, index) => ({
    userId: `@user${index}:a.test`,
    displayName: `User ${index}`,
    rules: index % rules.length,
  }))
  const mentioned = [people[7], people[members - 1]].map((person) => person?.userId ?? '')
  return {
    event: {
      event_id: '$event',
      room_id: room,
      sender: '@user0:a.test',
      type: 'm.room.message',
      content: {
        msgtype: 'm.text',
        body: `${'Shall we meet at eight? '.repeat(8)}There is tea in the garden.`,
        'm.mentions': { user_ids: mentioned },
      },
    },
    memberCount: members,
    senderPower: 0,
    notificationLevels: {},
    rules,
    people,
  }
}

/** A room whose members' rules are at hand, as the server has them. */
export interface Listening {
  /** What the event does for everybody, by looking only at those at whom it must. */
  byClass(): Effect[]
  /** How many it looks at. */
  lookedAt: number
  /** The work of the server: classes, and who differs from theirs. */
  decide(): unknown
  /** Everybody looked at singly. */
  singly(): Effect[]
}

export function listening(scene: PushScene): Listening {
  const event = roomEvent(scene)
  const context = { ...contextOf(scene), userId: whoever }
  const rulesets = scene.rules.map((stored) => rulesetOf(whoever, stored))
  const compiled = rulesets.map(compileRules)
  const standings = rulesets.map((rules) => standingIn(standingsOf(rules), event.roomId))
  const situation = situationOf(event.pdu.type, scene.memberCount)
  const people = scene.people.map((person, index) => ({
    index,
    userId: person.userId,
    displayName: person.displayName,
    rules: compiled[person.rules] as (typeof compiled)[number],
    standing: standings[person.rules] as (typeof standings)[number],
  }))
  const unusual = people.filter(({ standing }) => standing.singly & situation)
  const byName = new Map(people.map((person) => [person.userId, person]))
  const named = (event.pdu.content['m.mentions'] as { user_ids: string[] }).user_ids
  const decide = () => {
    const flat = new FlatEvent(event)
    const effects = classEffects(flat, context)
    const looks = new Set([...unusual, ...named.flatMap((userId) => byName.get(userId) ?? [])])
    const personal = new Map<number, Effect>()
    for (const { index, userId, displayName, rules, standing } of looks) {
      if (userId === flat.sender) continue
      const { notify, highlight } = evaluate(rules, flat, { ...context, userId, displayName })
      const usual = effects[standing.class]
      if (notify !== usual.notify || highlight !== usual.highlight) personal.set(index, [notify, highlight])
    }
    return { effects, personal, lookedAt: looks.size }
  }
  return {
    decide,
    lookedAt: decide().lookedAt,
    byClass() {
      const { effects, personal } = decide()
      return people.map(({ index, userId, standing }) => {
        if (userId === event.pdu.sender) return [false, false]
        const { notify, highlight } = effects[standing.class]
        return personal.get(index) ?? [notify, highlight]
      })
    },
    singly() {
      const flat = new FlatEvent(event)
      return people.map(({ userId, displayName, rules }) => {
        const { notify, highlight } = evaluate(rules, flat, { ...context, userId, displayName })
        return [notify, highlight]
      })
    },
  }
}
