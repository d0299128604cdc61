/** Templates of the member events with which users of other servers enter and leave. */
import { forbidden, incompatibleRoomVersion, MatrixError } from '@kith/spec/errors'
import type { EventDraft } from '@kith/spec/events/build'
import type { Pdu } from '@kith/spec/events/pdu'
import { referencesTo } from '@kith/spec/events/references'
import { domainOf } from '@kith/spec/ids'
import type { JsonObject } from '@kith/spec/json'
import { authStateKeys } from '@kith/spec/rooms/auth/auth-events'
import { authorize } from '@kith/spec/rooms/auth/authorize'
import type { Homeserver } from '../../homeserver.ts'
import { type Head, joinable } from '../../rooms/head.ts'
import { authStateOf } from '../../rooms/prepare.ts'
import { vouchingFor } from '../../rooms/restricted-join.ts'
import type { KnownRoom } from '../known-room.ts'
import { roomForVisitor } from './standing.ts'

export type Entering = 'join' | 'leave' | 'knock'

export interface TemplateRequest {
  roomId: string
  userId: string
  membership: Entering
  /** Room versions that the other server knows; absent where it need not say. */
  versions?: readonly string[]
}

/**
 * @throws M_FORBIDDEN, M_NOT_FOUND, M_INCOMPATIBLE_ROOM_VERSION, M_UNABLE_TO_AUTHORISE_JOIN, M_UNABLE_TO_GRANT_JOIN
 */
export async function makeMembership(
  server: Homeserver,
  origin: string,
  { roomId, userId, membership, versions }: TemplateRequest,
): Promise<{ room_version: string; event: JsonObject }> {
  if (domainOf(userId) !== origin) throw forbidden(`${userId} is not a user of your server`)
  const known = await roomForVisitor(server, origin, roomId)
  const { version } = known.rules
  if (versions && !versions.includes(version)) throw incompatibleRoomVersion(version)
  const voucher = membership === 'join' ? await voucherFor(server, known, userId) : {}
  const head = await server.rooms.head(known.room)
  if (!head) throw forbidden('this server is not in the room')
  const event = await template(server, head, { userId, content: { membership, ...voucher } })
  return { room_version: version, event }
}

/** Checklist A11. */
async function voucherFor(server: Homeserver, { room }: KnownRoom, userId: string): Promise<JsonObject> {
  const user = await server.interning.users.number(server.database, userId)
  const vouching = await vouchingFor(server, { room, userId, user })
  if (typeof vouching === 'object') return { join_authorised_via_users_server: vouching.by }
  refuseVouching(userId, vouching)
  return {}
}

/** @throws M_UNABLE_TO_AUTHORISE_JOIN, M_UNABLE_TO_GRANT_JOIN, M_FORBIDDEN where a voucher is needed and there is none */
export function refuseVouching(
  userId: string,
  vouching: 'needless' | 'outside' | 'unsure' | 'elsewhere',
): void {
  if (vouching === 'outside') throw forbidden(`${userId} is in none of the rooms that open this one`)
  if (vouching === 'unsure') {
    const why = 'this server is not in all of the rooms that open this one'
    throw new MatrixError('M_UNABLE_TO_AUTHORISE_JOIN', why)
  }
  if (vouching === 'elsewhere') {
    throw new MatrixError('M_UNABLE_TO_GRANT_JOIN', 'nobody of this server may invite to this room')
  }
}

async function template(
  server: Homeserver,
  head: Head,
  { userId, content }: { userId: string; content: JsonObject },
): Promise<JsonObject> {
  const state = await authStateOf(server, head, {
    type: 'm.room.member',
    sender: userId,
    stateKey: userId,
    content,
  })
  const joins = joinable(head)
  const bare = { type: 'm.room.member', room_id: head.roomId, sender: userId, state_key: userId, content }
  const authorities = authStateKeys(bare, head.rules).flatMap(([type, key]) => state.get(type, key) ?? [])
  const event = {
    ...bare,
    origin_server_ts: server.clock.now(),
    depth: Math.min(Math.max(0, ...joins.map(({ pdu }) => pdu.depth)) + 1, Number.MAX_SAFE_INTEGER),
    prev_events: referencesTo(joins, head.rules, server.crypto),
    auth_events: referencesTo(authorities, head.rules, server.crypto),
  }
  requireAllowed(server, head, { event, state })
  return event
}

function requireAllowed(
  server: Homeserver,
  { roomId, rules }: Head,
  { event, state }: { event: EventDraft; state: Parameters<typeof authorize>[1] },
): void {
  const pdu: Pdu = { ...event, hashes: { sha256: '' }, signatures: {} } as Pdu
  const verdict = authorize({ eventId: '', roomId, pdu }, state, { rules, crypto: server.crypto })
  if (!verdict.allowed) throw forbidden(verdict.reason)
}
