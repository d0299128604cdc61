/**
 * Whom an event notifies, decided once when it is written.
 *
 * The default rules are evaluated once for everybody. Only those for whom the outcome may differ are looked at
 * one by one: who is mentioned or invited, and who has rules of his own.
 */

import type { RoomEvent } from '@kith/spec/events/pdu'
import { isObject } from '@kith/spec/json'
import type { PushContext } from '@kith/spec/push/conditions'
import { evaluate } from '@kith/spec/push/evaluate'
import { defaultRules, type Ruleset } from '@kith/spec/push/rules'
import { powerLevels } from '@kith/spec/rooms/power-levels'
import type { PersonalNotification } from '../../storage/event-inserts.ts'
import type { UserNumber } from '../../storage/interning.ts'
import type { Homeserver } from '../homeserver.ts'
import type { Head } from '../rooms/head.ts'
import { type PartialState, stateAt } from '../rooms/state-reader.ts'

export interface Notifications {
  /** Whether the event counts as unread for people with the default rules. */
  notifies: boolean
  /** Whether it highlights the room for them. */
  highlights: boolean
  /** Those for whom it is otherwise. */
  personal: PersonalNotification[]
}

/** A lone surrogate: no event can hold it, so no mention means this person. */
const anybody = '\udfff'
const rulesOfAnybody = defaultRules(anybody)

export async function notificationsOf(
  server: Homeserver,
  head: Head,
  event: RoomEvent,
): Promise<Notifications> {
  const people = await peopleToLookAt(server, head, event)
  const context = await contextOf(server, { head, event, isSimple: people.length === 0 })
  const { notify, highlight } = evaluate(rulesOfAnybody, event, context(anybody))
  if (people.length === 0) return { notifies: notify, highlights: highlight, personal: [] }
  const rules = await server.views.accountData.rulesets(people)
  const names = await server.interning.users.names(server.database, people)
  const displayNames = await displayNamesOf(server, { head, rules, names })
  const personal = people.flatMap((user) => {
    const userId = names.get(user) as string
    const outcome = evaluate(rules.get(user) as Ruleset, event, {
      ...context(userId),
      displayName: displayNames.get(user),
    })
    if (userId === event.pdu.sender) return []
    if (outcome.notify === notify && outcome.highlight === highlight) return []
    return [{ user, notifies: outcome.notify, highlights: outcome.highlight }]
  })
  return { notifies: notify, highlights: highlight, personal }
}

async function peopleToLookAt(server: Homeserver, { room }: Head, event: RoomEvent): Promise<UserNumber[]> {
  const { local } = await server.rooms.members.of(room)
  const people = new Set(await server.views.unusualMembers.of(room, local))
  for (const userId of namedBy(event)) {
    const user = server.interning.users.cached(userId)
    if (user !== undefined && local.has(user)) people.add(user)
  }
  const invitee = inviteeOf(server, event)
  if (invitee !== undefined) people.add(await server.interning.users.number(server.database, invitee))
  return [...people]
}

function namedBy({ pdu }: RoomEvent): string[] {
  const mentions = pdu.content['m.mentions']
  const named = isObject(mentions) ? mentions.user_ids : undefined
  return Array.isArray(named) ? named.filter((id) => typeof id === 'string') : []
}

function inviteeOf(server: Homeserver, { pdu }: RoomEvent): string | undefined {
  if (pdu.type !== 'm.room.member' || pdu.content.membership !== 'invite') return undefined
  const userId = pdu.state_key ?? ''
  return server.isLocal(userId.slice(userId.indexOf(':') + 1)) ? userId : undefined
}

/**
 * What decides beside the event. Power is read only where it may: for an @room, and where people are looked at
 * one by one.
 */
async function contextOf(
  server: Homeserver,
  { head, event, isSimple }: { head: Head; event: RoomEvent; isSimple: boolean },
): Promise<(userId: string) => PushContext> {
  const memberCount = (await server.rooms.members.of(head.room)).joined
  const mentions = event.pdu.content['m.mentions']
  const isNeeded = !isSimple || (isObject(mentions) && mentions.room === true)
  const levels = isNeeded ? await levelsOf(server, head) : undefined
  const senderPower = levels?.user(event.pdu.sender) ?? 0
  const notificationLevel = (key: string) => levels?.notification(key) ?? Number.POSITIVE_INFINITY
  return (userId) => ({ userId, memberCount, senderPower, notificationLevel })
}

async function levelsOf(server: Homeserver, { root, rules }: Head) {
  const state: PartialState = await stateAt(server, root, [
    ['m.room.create', ''],
    ['m.room.power_levels', ''],
  ])
  const create = state.get('m.room.create', '')
  return create && powerLevels(create, state.get('m.room.power_levels', ''), rules)
}

/** Names in the room, of those whose rules ask for them. */
async function displayNamesOf(
  server: Homeserver,
  { head, rules, names }: { head: Head; rules: Map<UserNumber, Ruleset>; names: Map<UserNumber, string> },
): Promise<Map<UserNumber, string>> {
  const asking = [...rules].flatMap(([user, ruleset]) => (asksForName(ruleset) ? [user] : []))
  if (asking.length === 0) return new Map()
  const state = await stateAt(
    server,
    head.root,
    asking.map((user) => ['m.room.member', names.get(user) as string] as const),
  )
  return new Map(
    asking.flatMap((user) => {
      const name = state.get('m.room.member', names.get(user) as string)?.pdu.content.displayname
      return typeof name === 'string' ? [[user, name] as const] : []
    }),
  )
}

function asksForName({ override, underride }: Ruleset): boolean {
  return [...override, ...underride].some((rule) =>
    rule.conditions?.some((condition) => condition.kind === 'contains_display_name'),
  )
}
