/**
 * Whom an event notifies, decided once when it is written.
 *
 * It is evaluated once by the default rules, which tells what it does for people of each class (`rule-classes.ts`).
 * Only those for whom the outcome may differ are looked at one by one: who is mentioned or invited, and who has rules
 * that come to none of the classes.
 */

import type { RoomEvent } from '@kith/spec/events/pdu'
import { isObject } from '@kith/spec/json'
import type { PushContext } from '@kith/spec/push/conditions'
import { evaluate } from '@kith/spec/push/evaluate'
import { FlatEvent } from '@kith/spec/push/flat-event'
import { classEffects, type Effect, type RuleClass, situationOf } from '@kith/spec/push/rule-classes'
import { whoever } from '@kith/spec/push/rules'
import { standingIn } from '@kith/spec/push/standings'
import { powerLevels } from '@kith/spec/rooms/power-levels'
import type { PersonalNotification } from '../../storage/event-inserts.ts'
import type { UserNumber } from '../../storage/interning.ts'
import type { Homeserver } from '../homeserver.ts'
import type { Head } from '../rooms/head.ts'
import { type PartialState, stateAt } from '../rooms/state-reader.ts'
import { type Person, usualPerson } from './person.ts'

export interface Notifications {
  /** Whether the event counts as unread for people with the default rules. */
  notifies: boolean
  /** Whether it highlights the room for them, and counts for those who want mentions only. */
  highlights: boolean
  /** Those for whom it is otherwise than for their class. */
  personal: PersonalNotification[]
}

export async function notificationsOf(
  server: Homeserver,
  head: Head,
  event: RoomEvent,
): Promise<Notifications> {
  const people = await peopleToLookAt(server, head, event)
  const context = await contextOf(server, { head, event, isSimple: people.length === 0 })
  const flat = new FlatEvent(event)
  const byClass = classEffects(flat, context(whoever))
  const { notify, highlight } = byClass.all
  const decided = { notifies: notify, highlights: highlight }
  if (people.length === 0) return { ...decided, personal: [] }
  const looks = await looksOf(server, head, people)
  return { ...decided, personal: looks.flatMap((look) => personalOf(look, { flat, context, byClass })) }
}

/** Somebody who is looked at singly. */
interface Look {
  user: UserNumber
  userId: string
  person: Person
  displayName: string | undefined
}

interface Evaluation {
  flat: FlatEvent
  context: (userId: string) => PushContext
  byClass: Record<RuleClass, Effect>
}

function personalOf(look: Look, { flat, context, byClass }: Evaluation): PersonalNotification[] {
  const { user, userId, person, displayName } = look
  if (userId === flat.sender) return []
  const { notify, highlight } = evaluate(person.rules, flat, { ...context(userId), displayName })
  const usual = byClass[standingIn(person.standings, flat.roomId).class]
  if (notify === usual.notify && highlight === usual.highlight) return []
  return [{ user, notifies: notify, highlights: highlight }]
}

async function looksOf(server: Homeserver, head: Head, users: readonly UserNumber[]): Promise<Look[]> {
  const people = await server.views.accountData.people(users)
  const names = await server.interning.users.names(server.database, users)
  const looks = users.map((user) => ({
    user,
    userId: names.get(user) as string,
    person: people.get(user) ?? usualPerson,
  }))
  const displayNames = await displayNamesOf(
    server,
    head,
    looks.flatMap(({ person, userId }) => (person.asksForName ? [userId] : [])),
  )
  return looks.map((look) => ({ ...look, displayName: displayNames.get(look.userId) }))
}

async function peopleToLookAt(
  server: Homeserver,
  { room, roomId }: Head,
  event: RoomEvent,
): Promise<UserNumber[]> {
  const { local, joined } = await server.rooms.members.of(room)
  const situation = situationOf(event.pdu.type, joined)
  const people = new Set(await server.views.unusualMembers.of({ room, roomId, local }, situation))
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
  head: Head,
  userIds: readonly string[],
): Promise<Map<string, string>> {
  if (userIds.length === 0) return new Map()
  const state = await stateAt(
    server,
    head.root,
    userIds.map((userId) => ['m.room.member', userId] as const),
  )
  return new Map(
    userIds.flatMap((userId) => {
      const name = state.get('m.room.member', userId)?.pdu.content.displayname
      return typeof name === 'string' ? [[userId, name] as const] : []
    }),
  )
}
