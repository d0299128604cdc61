import type { Json, JsonObject } from '../json.ts'

/** In the order in which they are tried, apart from `.m.rule.master`. */
export const ruleKinds = ['override', 'content', 'room', 'sender', 'underride'] as const
export type RuleKind = (typeof ruleKinds)[number]

export interface Condition {
  kind: string
  key?: string
  pattern?: string
  is?: string
  value?: Json
}

export type Action = string | JsonObject

export interface PushRule {
  rule_id: string
  default: boolean
  enabled: boolean
  actions: Action[]
  /** Of override and underride rules only. */
  conditions?: Condition[]
  /** Of content rules only. */
  pattern?: string
}

/** The rules of one person in force, each kind in order of importance. */
export type Ruleset = Record<RuleKind, PushRule[]>

/** What a person's rules are beside the defaults; this is what is stored. */
export interface StoredRules {
  /** Rules of the person's own, each kind in order of importance. */
  own: Ruleset
  /** What was changed of the default rules. */
  changed: { rule_id: string; enabled?: boolean; actions?: Action[] }[]
}

export const noStoredRules: StoredRules = {
  own: { override: [], content: [], room: [], sender: [], underride: [] },
  changed: [],
}

const masterId = '.m.rule.master'

/**
 * In place of a user ID: rules made for `whoever` hold for each person of themselves. A lone surrogate, so that
 * nothing in an event is equal to it.
 */
export const whoever = '\udfff'

/** The rules in force: own rules come before the defaults of their kind, but after `.m.rule.master`. */
export function rulesetOf(userId: string, { own, changed }: StoredRules): Ruleset {
  const changes = new Map(changed.map((change) => [change.rule_id, change]))
  const defaults = defaultRules(userId)
  const merge = (kind: RuleKind) => {
    const rules = defaults[kind].map((rule) => ({ ...rule, ...changes.get(rule.rule_id) }))
    const isMaster = (rule: PushRule) => rule.rule_id === masterId
    return [...rules.filter(isMaster), ...own[kind], ...rules.filter((rule) => !isMaster(rule))]
  }
  return {
    override: merge('override'),
    content: merge('content'),
    room: merge('room'),
    sender: merge('sender'),
    underride: merge('underride'),
  }
}

/** The server's default rules, in their order. Source: client-server API v1.19, "Predefined Rules". */
export function defaultRules(userId: string): Ruleset {
  return userId === whoever ? rulesOfWhoever : makeDefaults(userId)
}

function makeDefaults(userId: string): Ruleset {
  return { override: overrides(userId), content: [], room: [], sender: [], underride: underrides() }
}

function overrides(userId: string): PushRule[] {
  return [
    { ...rule(masterId, [], []), enabled: false },
    rule('.m.rule.suppress_notices', [match('content.msgtype', 'm.notice')], []),
    rule(
      '.m.rule.invite_for_me',
      [match('type', 'm.room.member'), match('content.membership', 'invite'), match('state_key', userId)],
      ['notify', sound('default')],
    ),
    rule('.m.rule.member_event', [match('type', 'm.room.member')], []),
    rule(
      '.m.rule.is_user_mention',
      [{ kind: 'event_property_contains', key: 'content.m\\.mentions.user_ids', value: userId }],
      ['notify', sound('default'), highlight],
    ),
    rule(
      '.m.rule.is_room_mention',
      [
        { kind: 'event_property_is', key: 'content.m\\.mentions.room', value: true },
        { kind: 'sender_notification_permission', key: 'room' },
      ],
      ['notify', highlight],
    ),
    rule(
      '.m.rule.tombstone',
      [match('type', 'm.room.tombstone'), match('state_key', '')],
      ['notify', highlight],
    ),
    rule('.m.rule.reaction', [match('type', 'm.reaction')], []),
    rule('.m.rule.room.server_acl', [match('type', 'm.room.server_acl'), match('state_key', '')], []),
    rule(
      '.m.rule.suppress_edits',
      [{ kind: 'event_property_is', key: 'content.m\\.relates_to.rel_type', value: 'm.replace' }],
      [],
    ),
  ]
}

function underrides(): PushRule[] {
  return [
    rule('.m.rule.call', [match('type', 'm.call.invite')], ['notify', sound('ring')]),
    rule(
      '.m.rule.encrypted_room_one_to_one',
      [twoMembers, match('type', 'm.room.encrypted')],
      ['notify', sound('default')],
    ),
    rule(
      '.m.rule.room_one_to_one',
      [twoMembers, match('type', 'm.room.message')],
      ['notify', sound('default')],
    ),
    rule('.m.rule.message', [match('type', 'm.room.message')], ['notify']),
    rule('.m.rule.encrypted', [match('type', 'm.room.encrypted')], ['notify']),
  ]
}

const twoMembers: Condition = { kind: 'room_member_count', is: '2' }
const highlight: Action = { set_tweak: 'highlight' }
const sound = (value: string): Action => ({ set_tweak: 'sound', value })
const match = (key: string, pattern: string): Condition => ({ kind: 'event_match', key, pattern })

function rule(rule_id: string, conditions: Condition[], actions: Action[]): PushRule {
  return { rule_id, default: true, enabled: true, conditions, actions }
}

const rulesOfWhoever = makeDefaults(whoever)
