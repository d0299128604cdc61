/** Joins, knocks, leaves, invites and aliases through other servers. */
import { sendJoin } from '@kith/spec/api/federation/joins'
import { sendKnock } from '@kith/spec/api/federation/knocks'
import { sendLeave } from '@kith/spec/api/federation/leaving'
import { queryDirectory } from '@kith/spec/api/federation/query'
import { MatrixError } from '@kith/spec/errors'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { domainOf, isRoomId, isServerName } from '@kith/spec/ids'
import { isObject, type JsonObject } from '@kith/spec/json'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import type { Homeserver } from '../homeserver.ts'
import { type HandedRoom, installRoom, installState } from '../rooms/install-room.ts'
import { isResident } from '../rooms/membership.ts'
import { placeEvent } from '../rooms/place.ts'
import { splitAnswer } from './answers.ts'
import { soundEvents } from './check-events.ts'
import { withForeignSignature } from './foreign-signature.ts'
import { writeInvitation } from './invitations.ts'
import { askToSign } from './invite-signing.ts'
import { asClientError, eventByTemplate } from './membership-template.ts'
import { RemoteError } from './remote-error.ts'
import type { RemoteMembership, RemoteRooms } from './remote-rooms.ts'
import { pathOf } from './request-target.ts'

/** The state of a large room takes its time, and its bytes. */
const joinLimits = { timeoutMs: 120_000, maxBytes: 200 * 1024 * 1024 }
const aliasTimeoutMs = 20_000

/** @param server read when it is needed: it holds this very value */
export function remoteRooms(server: () => Homeserver): RemoteRooms {
  return {
    join: (request) => viaEach(request, (destination) => joinVia(server(), destination, request)),
    knock: (request) => viaEach(request, (destination) => knockVia(server(), destination, request)),
    leave: (request) => viaEach(request, (destination) => leaveVia(server(), destination, request)),
    invite: (request) => inviteVia(server(), request),
    alias: (alias) => aliasVia(server(), alias),
  }
}

/** Tries one server after the other: one may know less of the room than the next. The last refusal counts. */
async function viaEach(
  { via }: RemoteMembership,
  attempt: (destination: string) => Promise<void>,
): Promise<void> {
  let failure: unknown = new MatrixError('M_NOT_FOUND', 'no server is known that is in this room')
  for (const destination of via) {
    try {
      return await attempt(destination)
    } catch (error) {
      failure = error
      if (!(error instanceof RemoteError) && !(error instanceof MatrixError)) throw error
    }
  }
  throw asClientError(failure)
}

const originOf = ({ userId }: RemoteMembership) => domainOf(userId)

async function joinVia(server: Homeserver, destination: string, request: RemoteMembership): Promise<void> {
  const { roomId } = request
  const { event, rules } = await eventByTemplate(server, destination, { request, membership: 'join' })
  const bytes = await server.federation.client.requestRaw({
    origin: originOf(request),
    destination,
    ...joinLimits,
    method: sendJoin.method,
    path: pathOf(sendJoin.path, { roomId, eventId: event.eventId }),
    body: event.pdu as JsonObject,
  })
  const { rest, items } = splitAnswer(destination, bytes, ['state', 'auth_chain'])
  const checking = { rules, roomId }
  const state = await soundEvents(server, checking, items.get('state') ?? [])
  const authChain = await soundEvents(server, checking, items.get('auth_chain') ?? [])
  requireCreate(destination, { state, rules })
  const join = withForeignSignature(event, isObject(rest.event) ? rest.event : undefined, destination)
  await bringIn(server, { roomId, rules, join, state, authChain })
}

/** Takes over the room; or, where we are in it already and only lacked the say, the join and what it is built on. */
async function bringIn(server: Homeserver, handed: HandedRoom): Promise<void> {
  const room = await server.interning.rooms.existing(server.database, handed.roomId)
  if (room === undefined || !(await isResident(server, room))) {
    await installRoom(server, handed)
    return
  }
  const stateBefore = await installState(server, room, handed)
  const outcome = await placeEvent(server, room, { event: handed.join, stateBefore, isOurs: true })
  if (outcome === 'rejected') throw new MatrixError('M_FORBIDDEN', "the room's state does not allow the join")
}

/** A state without its creation, or with another room version than was agreed on, is no state. */
function requireCreate(
  destination: string,
  { state, rules }: { state: RoomEvent[]; rules: RoomVersionRules },
): void {
  const create = state.find(({ pdu }) => pdu.type === 'm.room.create' && pdu.state_key === '')
  if (!create || (create.pdu.content.room_version ?? '1') !== rules.version) {
    throw new RemoteError(
      destination,
      'its answer to the join has no create event of the agreed room version',
    )
  }
}

async function knockVia(server: Homeserver, destination: string, request: RemoteMembership): Promise<void> {
  const { event, rules } = await eventByTemplate(server, destination, { request, membership: 'knock' })
  const answer = await server.federation.client.call(sendKnock, sending(destination, event))
  const strippedState = answer.knock_room_state as JsonObject[]
  await writeInvitation(server, { event, rules, membership: 'knock', strippedState })
}

async function leaveVia(server: Homeserver, destination: string, request: RemoteMembership): Promise<void> {
  const { event } = await eventByTemplate(server, destination, { request, membership: 'leave' })
  await server.federation.client.call(sendLeave, sending(destination, event))
}

function sending(destination: string, { eventId, roomId, pdu }: RoomEvent) {
  return { origin: domainOf(pdu.sender), destination, params: { roomId, eventId }, body: pdu as JsonObject }
}

async function inviteVia(
  server: Homeserver,
  { event, ...invite }: Parameters<RemoteRooms['invite']>[0],
): Promise<RoomEvent> {
  const destination = domainOf(event.pdu.state_key ?? '')
  try {
    const copy = await askToSign(server, destination, { event, ...invite })
    const signed = withForeignSignature(event, copy, destination)
    if (signed === event) throw new RemoteError(destination, 'did not sign the invite')
    return signed
  } catch (error) {
    throw asClientError(error)
  }
}

async function aliasVia(
  server: Homeserver,
  alias: string,
): Promise<{ roomId: string; servers: string[] } | undefined> {
  const destination = domainOf(alias)
  try {
    const { room_id: roomId, servers } = await server.federation.client.call(queryDirectory, {
      origin: server.config.serverName,
      destination,
      timeoutMs: aliasTimeoutMs,
      params: {},
      query: { room_alias: alias },
    })
    if (!isRoomId(roomId)) throw new RemoteError(destination, 'its answer names no room')
    return { roomId, servers: [...new Set([...servers.filter(isServerName), destination])] }
  } catch (error) {
    if (error instanceof RemoteError && error.status === 404) return undefined
    throw asClientError(error)
  }
}
