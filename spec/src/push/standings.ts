/**
 * Which class somebody's rules come to in each room, and for which events they must be looked at singly.
 */
import { conditionsOf, outcomeOf } from './compile-rules.ts'
import { callType, everySituation, type RuleClass, ruleClasses, situations } from './rule-classes.ts'
import {
  type Condition,
  defaultRules,
  type PushRule,
  type RuleKind,
  type Ruleset,
  ruleKinds,
  whoever,
} from './rules.ts'

export interface Standing {
  class: RuleClass
  /** Bits of the situations in which the person's rules may come to something else. */
  singly: number
}

/** By room ID; `elsewhere` is for all rooms that have no entry. */
export type Standings = ReadonlyMap<string, Standing>

export const elsewhere = ''

export const usualStanding: Standing = { class: 'all', singly: 0 }
export const usualStandings: Standings = new Map([[elsewhere, usualStanding]])

export const standingIn = (standings: Standings, roomId: string): Standing =>
  standings.get(roomId) ?? standings.get(elsewhere) ?? usualStanding

/** Rules to look through beyond which somebody is just looked at singly: some milliseconds. */
const mostWork = 30_000

/** @param rules for `whoever` */
export function standingsOf(rules: Ruleset): Standings {
  const { common, rooms } = sorted(rules)
  const usual = standingBy(common, undefined)
  const standings = new Map([[elsewhere, usual]])
  /** Most rooms with rules have the same. */
  const known = new Map<string, Standing>()
  for (const [roomId, own] of rooms) {
    const likeness = JSON.stringify(
      own.map((rule) => ({
        ...rule,
        conditions: rule.conditions.map((condition) => relative(condition, roomId)),
      })),
    )
    const standing = known.get(likeness) ?? standingBy(merged(common, own), roomId)
    known.set(likeness, standing)
    if (known.size * common.length > mostWork) {
      return new Map([[elsewhere, { class: 'all', singly: everySituation }]])
    }
    if (!isSame(standing, usual)) standings.set(roomId, standing)
  }
  return standings
}

export const isSame = (one: Standing, other: Standing | undefined): boolean =>
  one.class === other?.class && one.singly === other.singly

/** An enabled rule and what it asks for, in its place among the others. */
interface Asked {
  /** How many rules that are for no certain room come before it. */
  place: number
  conditions: Condition[]
  does: 'nothing' | 'notify' | 'highlight'
}

/** The enabled rules, those for a certain room apart. */
function sorted(rules: Ruleset): { common: Asked[]; rooms: Map<string, Asked[]> } {
  const common: Asked[] = []
  const rooms = new Map<string, Asked[]>()
  for (const kind of ruleKinds) {
    for (const rule of rules[kind]) {
      if (!rule.enabled) continue
      const conditions = allConditions(kind, rule)
      const room = conditions.find(namesRoom)?.pattern
      const list = room === undefined ? common : (rooms.get(room) ?? [])
      if (room !== undefined) rooms.set(room, list)
      list.push({ place: common.length, conditions, does: effectOf(rule) })
    }
  }
  return { common, rooms }
}

/** Those of a room stand before the common rule whose place they have. */
const merged = (common: readonly Asked[], own: readonly Asked[]) =>
  [...own, ...common].sort((one, other) => one.place - other.place)

const relative = (condition: Condition, roomId: string) =>
  namesRoom(condition) && condition.pattern === roomId ? { ...condition, pattern: undefined } : condition

function standingBy(rules: readonly Asked[], roomId: string | undefined): Standing {
  const among = (situation: number) => remainder(rules, { roomId, situation })
  const inMessages = among(situations.message)
  const ruleClass = classOf(inMessages, situations.message) ?? nearest(inMessages)
  let singly = 0
  for (const situation of Object.values(situations)) {
    if (classOf(among(situation), situation) !== ruleClass) singly |= situation
  }
  return { class: ruleClass, singly }
}

interface Scene {
  roomId: string | undefined
  situation: number
}

/** A rule that may still match, as text: what it asks for and what it does. */
interface Remaining {
  asks: string
  does: Asked['does']
}

/**
 * The rules that are left to ask in a scene: those that can't match there are gone, as are those behind one that
 * always matches, those that ask the same as one before, and at the end those that do nothing.
 */
function remainder(rules: readonly Asked[], scene: Scene): Remaining[] {
  const left = new Map<string, Remaining>()
  for (const { conditions, does } of rules) {
    const open = openConditions(conditions, scene)
    if (!open) continue
    const asks = open.sort().join('\n')
    if (!left.has(asks)) left.set(asks, { asks, does })
    if (open.length === 0) break
  }
  const all = [...left.values()]
  return all.slice(0, all.findLastIndex(({ does }) => does !== 'nothing') + 1)
}

function effectOf(rule: PushRule): Asked['does'] {
  const { notify, highlight } = outcomeOf(rule.actions)
  return !notify ? 'nothing' : highlight ? 'highlight' : 'notify'
}

/** The conditions of a rule, those that its kind implies written out. */
function allConditions(kind: RuleKind, rule: PushRule): Condition[] {
  switch (kind) {
    case 'room':
      return [{ kind: 'event_match', key: 'room_id', pattern: rule.rule_id }]
    case 'sender':
      return [{ kind: 'sender', key: rule.rule_id }]
    default:
      return conditionsOf(kind, rule)
  }
}

/** The conditions that a scene leaves open; undefined when one of them can't hold there. */
function openConditions(conditions: readonly Condition[], scene: Scene): string[] | undefined {
  const open: string[] = []
  for (const condition of conditions) {
    const known = decided(condition, scene)
    if (known === false) return undefined
    if (known === undefined) open.push(asText(condition))
  }
  return open
}

/** Texts of conditions: those of the default rules are the same objects for everybody. */
const texts = new WeakMap<Condition, string>()

function asText(condition: Condition): string {
  const { kind, key, pattern, is, value } = condition
  const text = texts.get(condition) ?? JSON.stringify([kind, key, pattern, is, value])
  texts.set(condition, text)
  return text
}

/** Whether a condition holds in a scene, where that is known. */
function decided(condition: Condition, { roomId, situation }: Scene): boolean | undefined {
  if (namesRoom(condition)) return condition.pattern === roomId
  const { kind, key, pattern, is } = condition
  if (kind === 'event_match' && key === 'type' && pattern === callType) return situation === situations.call
  if (kind === 'event_match' && key === 'type' && situation === situations.call) {
    return pattern !== undefined && /[*?]/.test(pattern) ? undefined : false
  }
  if (kind === 'room_member_count' && (is === '2' || is === '==2') && situation !== situations.call) {
    return situation === situations.betweenTwo
  }
  return undefined
}

/** Whether a condition is that the room is a certain one. Two rooms never differ by case alone. */
function namesRoom(condition: Condition): condition is Condition & { pattern: string } {
  const { kind, key, pattern } = condition
  return kind === 'event_match' && key === 'room_id' && pattern !== undefined && isName(pattern)
}

const isName = (pattern: string) =>
  pattern.startsWith('!') && !/[*?\0]/.test(pattern) && pattern.isWellFormed()

const defaults = sorted(defaultRules(whoever)).common
const overrides = sorted({ ...defaultRules(whoever), underride: [] }).common
const models = new Map(
  Object.values(situations).map((situation) => {
    const left = (rules: readonly Asked[]) => asOne(remainder(rules, { roomId: undefined, situation }))
    return [situation as number, { all: left(defaults), mentions: left(overrides), muted: left([]) }]
  }),
)

function asOne(rules: readonly Remaining[]): string {
  return rules.map(({ asks, does }) => `${does}\n${asks}`).join('\n\n')
}

function classOf(rules: readonly Remaining[], situation: number): RuleClass | undefined {
  const text = asOne(rules)
  return ruleClasses.find((name) => models.get(situation)?.[name] === text)
}

const plainMessage = asText({ kind: 'event_match', key: 'type', pattern: 'm.room.message' })

/** The class that rules of one's own come closest to: whether plain messages notify in the end. */
function nearest(rules: readonly Remaining[]): RuleClass {
  return rules.some(({ asks, does }) => asks === plainMessage && does !== 'nothing') ? 'all' : 'mentions'
}
