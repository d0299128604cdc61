/** One event of ours, built on a head: its text, its place in the state, and the head that it leaves. */

import { forbidden } from '@kith/spec/errors'
import { buildEvent } from '@kith/spec/events/build'
import { redactionTarget } from '@kith/spec/events/redaction'
import { referencesTo } from '@kith/spec/events/references'
import { domainOf } from '@kith/spec/ids'
import type { JsonObject } from '@kith/spec/json'
import { authStateKeys } from '@kith/spec/rooms/auth/auth-events'
import { authorize } from '@kith/spec/rooms/auth/authorize'
import type { EventChange } from '../../storage/event-inserts.ts'
import { stateKeyNameOf } from '../../storage/interning.ts'
import type { StoredEvent } from '../../storage/stored-event.ts'
import { relationOf, threadOf } from '../events/relation.ts'
import type { Homeserver } from '../homeserver.ts'
import { notificationsOf } from '../push/notifications.ts'
import { type Head, joinable } from './head.ts'
import { memberChangeOf } from './member-changes.ts'
import { pduBytes } from './pdu-bytes.ts'
import { type PartialState, stateAt } from './state-reader.ts'

/** What a local user wants said in a room. */
export interface EventDraft {
  type: string
  sender: string
  stateKey?: string
  content: JsonObject
  /** Of a redaction in room versions that name it at the top level. */
  redacts?: string
  timestampMs?: number
  /** The sending device's transaction, for its echo. */
  deviceId?: string
  transactionId?: string
}

export interface Prepared {
  change: EventChange
  /** The head once the event is in. */
  head: Head
}

/** Builds, signs, authorises and places an event. @throws MatrixError M_FORBIDDEN, M_TOO_LARGE, M_BAD_JSON */
export async function prepare(server: Homeserver, head: Head, draft: EventDraft): Promise<Prepared> {
  const joins = joinable(head)
  const state = await authStateOf(server, head, draft)
  const built = build(server, { head, draft, state, joins })
  const verdict = authorize(built, state, { rules: head.rules, crypto: server.crypto })
  if (!verdict.allowed) throw forbidden(verdict.reason)
  return placed(server, { head, draft, built, joins })
}

/** The auth events that the rules select for a draft, from a head's state. */
export async function authStateOf(server: Homeserver, head: Head, draft: EventDraft): Promise<PartialState> {
  const keys = authStateKeys(bareEvent(draft), head.rules)
  return stateAt(server, head.root, [...keys, ['m.room.create', '']])
}

/** The fields that decide which state an event is judged by. Absent ones stay absent: they are hashed. */
function bareEvent({ type, sender, stateKey, content, redacts }: EventDraft) {
  return {
    type,
    sender,
    content,
    ...(stateKey === undefined ? {} : { state_key: stateKey }),
    ...(redacts === undefined ? {} : { redacts }),
  }
}

interface Parts {
  head: Head
  draft: EventDraft
  joins: StoredEvent[]
}

function build(server: Homeserver, { head, draft, state, joins }: Parts & { state: PartialState }) {
  const pdu = bareEvent(draft)
  const authorities = authStateKeys(pdu, head.rules).flatMap(([type, key]) => state.get(type, key) ?? [])
  const serverName = domainOf(draft.sender)
  const isHashedCreate = draft.type === 'm.room.create' && head.rules.roomIdIsCreateHash
  return buildEvent(
    {
      ...pdu,
      ...(isHashedCreate ? {} : { room_id: head.roomId }),
      origin_server_ts: draft.timestampMs ?? server.clock.now(),
      depth: Math.min(Math.max(0, ...joins.map((event) => event.pdu.depth)) + 1, Number.MAX_SAFE_INTEGER),
      prev_events: referencesTo(joins, head.rules, server.crypto),
      auth_events: referencesTo(authorities, head.rules, server.crypto),
    },
    { rules: head.rules, serverName, key: server.signingKey(serverName), crypto: server.crypto },
  )
}

/** Numbers an authorised event and says what it changes. */
async function placed(
  server: Homeserver,
  { head, draft, built, joins }: Parts & { built: ReturnType<typeof buildEvent> },
): Promise<Prepared> {
  const pdu = pduBytes(built.pdu)
  const number = (await server.eventNumbers.ready(1))()
  const sender = await server.interning.users.number(server.database, draft.sender)
  const stateKey =
    draft.stateKey === undefined
      ? undefined
      : await server.interning.stateKeys.number(server.database, stateKeyNameOf(draft.type, draft.stateKey))
  const after =
    stateKey === undefined
      ? { root: head.root, rows: [] }
      : await server.states.edit(head.root, new Map([[stateKey, number]]))
  const members = await memberChangeOf(server, built, number)
  const bare = { ...built, number, room: head.room, standing: 0, sender, stateKey } as const
  const { notifies, highlights, personal } = await notificationsOf(server, head, built)
  const event: StoredEvent = {
    ...bare,
    rootBefore: head.root,
    rootAfter: after.root,
    notifies,
    highlights,
    thread: threadOf(built.pdu),
    redacts: redactionTarget(built.pdu, head.rules),
    deviceId: draft.deviceId,
    transactionId: draft.transactionId,
    bytes: pdu.length,
  }
  return {
    change: {
      event,
      pdu,
      joins: joins.map((joined) => joined.number),
      extremity: true,
      missing: [],
      fillsGap: false,
      stateRows: after.rows,
      currentRoot: after.root,
      members,
      relation: relationOf(built.pdu),
      personal,
      target: members[0]?.user,
    },
    head: { ...head, root: after.root, extremities: extremitiesAfter(head, event, joins) },
  }
}

function extremitiesAfter(head: Head, event: StoredEvent, joins: StoredEvent[]): Head['extremities'] {
  if (joins.length === head.extremities.size) return new Map([[event.number, event]])
  const extremities = new Map(head.extremities)
  for (const joined of joins) extremities.delete(joined.number)
  return extremities.set(event.number, event)
}
