/**
 * The first half of entering or leaving a room through another server: its template, of which we take as little
 * as possible, and the event we make of it ourselves (checklist A8).
 */
import { makeJoin } from '@kith/spec/api/federation/joins'
import { makeKnock } from '@kith/spec/api/federation/knocks'
import { makeLeave } from '@kith/spec/api/federation/leaving'
import { incompatibleRoomVersion, MatrixError } from '@kith/spec/errors'
import { buildEvent, type EventDraft } from '@kith/spec/events/build'
import { areReferences, maxAuthEvents, maxPrevEvents } from '@kith/spec/events/format'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { domainOf } from '@kith/spec/ids'
import { isObject, type JsonObject } from '@kith/spec/json'
import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import type { Homeserver } from '../homeserver.ts'
import { RemoteError } from './remote-error.ts'
import type { RemoteMembership } from './remote-rooms.ts'
import { pathOf } from './request-target.ts'

type Entering = 'join' | 'knock' | 'leave'

export interface OwnEvent {
  event: RoomEvent
  rules: RoomVersionRules
}

const templates = { join: makeJoin, knock: makeKnock, leave: makeLeave }
/** One dead server must not keep the user from the next. */
const timeoutMs = 20_000

/**
 * Our own member event, on the template that another server gives.
 *
 * @throws RemoteError; M_INCOMPATIBLE_ROOM_VERSION
 */
export async function eventByTemplate(
  server: Homeserver,
  destination: string,
  { request, membership }: { request: RemoteMembership; membership: Entering },
): Promise<OwnEvent> {
  const { roomId, userId } = request
  const template = await server.federation.client.request({
    origin: domainOf(userId),
    destination,
    timeoutMs,
    method: 'GET',
    path: pathOf(templates[membership].path, { roomId, userId }),
    query: membership === 'leave' ? undefined : { ver: [...roomVersions.keys()] },
  })
  return eventFrom(server, { destination, template, request, membership })
}

interface TemplateUse {
  destination: string
  template: JsonObject
  request: RemoteMembership
  membership: Entering
}

/** Room version, previous and auth events and depth are the other server's word, all else is ours. */
function eventFrom(
  server: Homeserver,
  { destination, template, request, membership }: TemplateUse,
): OwnEvent {
  const version = String(template.room_version ?? '1')
  const rules = roomVersions.get(version)
  if (!rules) throw incompatibleRoomVersion(version)
  const given = isObject(template.event) ? template.event : {}
  const { prev_events, auth_events, depth } = given
  if (
    !areReferences(prev_events, maxPrevEvents, rules) ||
    !areReferences(auth_events, maxAuthEvents, rules) ||
    !isDepth(depth)
  ) {
    throw new RemoteError(destination, 'its template for the event is malformed')
  }
  const { userId, roomId, content } = request
  const serverName = domainOf(userId)
  const draft: EventDraft = {
    type: 'm.room.member',
    room_id: roomId,
    sender: userId,
    state_key: userId,
    content: { ...content, ...authorisedVia(given, membership), membership },
    origin_server_ts: server.clock.now(),
    depth,
    prev_events,
    auth_events,
  }
  const key = server.signingKey(serverName)
  return { event: buildEvent(draft, { rules, serverName, key, crypto: server.crypto }), rules }
}

/** For restricted rooms the resident server names the user who vouches for the join. */
function authorisedVia(event: JsonObject, membership: Entering): JsonObject {
  const via = isObject(event.content) ? event.content.join_authorised_via_users_server : undefined
  return membership === 'join' && typeof via === 'string' ? { join_authorised_via_users_server: via } : {}
}

function isDepth(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** What our client is told when another server said no, or said nothing. */
export function asClientError(error: unknown): Error {
  if (!(error instanceof RemoteError)) return error as Error
  if (error.status === 403) return new MatrixError('M_FORBIDDEN', error.message)
  if (error.status === 404) return new MatrixError('M_NOT_FOUND', error.message)
  if (error.errcode === 'M_INCOMPATIBLE_ROOM_VERSION' && error.roomVersion !== undefined) {
    return incompatibleRoomVersion(error.roomVersion)
  }
  if (error.errcode === 'M_UNABLE_TO_AUTHORISE_JOIN' || error.errcode === 'M_UNABLE_TO_GRANT_JOIN') {
    return new MatrixError(error.errcode, error.message)
  }
  return error
}
