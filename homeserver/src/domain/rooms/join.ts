/** Joins and knocks: in rooms this server is in by itself, else through a server that is. */

import { forbidden, invalidParam, notFound } from '@kith/spec/errors'
import { domainOf, isRoomAlias, isRoomId } from '@kith/spec/ids'
import type { JsonObject } from '@kith/spec/json'
import type { RoomNumber } from '../../storage/interning.ts'
import { memberRow } from '../../storage/members.ts'
import type { Homeserver } from '../homeserver.ts'
import { resolveAlias } from './aliases.ts'
import { membershipOf } from './member-changes.ts'
import { memberContent } from './member-content.ts'
import { isResident, writeMember } from './membership.ts'
import { authorisingUser } from './restricted-join.ts'
import type { LocalSender } from './send.ts'
import { stateEvent } from './state-reader.ts'

export interface JoinRequest {
  roomIdOrAlias: string
  /** Servers that may be in the room. */
  via?: readonly string[]
  reason?: string
  content?: JsonObject
}

/** @returns the room's id. @throws M_FORBIDDEN, M_NOT_FOUND, M_INVALID_PARAM; what the other server answers */
export async function joinRoom(
  server: Homeserver,
  sender: LocalSender,
  request: JoinRequest,
): Promise<string> {
  return enter(server, sender, { ...request, membership: 'join' })
}

/** Asks to be let in. @returns the room's id */
export async function knockRoom(
  server: Homeserver,
  sender: LocalSender,
  request: JoinRequest,
): Promise<string> {
  return enter(server, sender, { ...request, membership: 'knock' })
}

interface Entering extends JoinRequest {
  membership: 'join' | 'knock'
}

async function enter(server: Homeserver, sender: LocalSender, request: Entering): Promise<string> {
  const { roomId, servers } = await roomOf(server, request)
  const room = await server.interning.rooms.existing(server.database, roomId)
  if (room !== undefined && (await enterHere(server, sender, { ...request, roomId, room }))) return roomId
  await enterElsewhere(server, sender, { ...request, roomId, servers, room })
  return roomId
}

async function roomOf(
  server: Homeserver,
  { roomIdOrAlias, via = [] }: JoinRequest,
): Promise<{ roomId: string; servers: string[] }> {
  if (isRoomId(roomIdOrAlias)) return { roomId: roomIdOrAlias, servers: [...via] }
  if (!isRoomAlias(roomIdOrAlias)) throw invalidParam(`${roomIdOrAlias} is neither a room id nor an alias`)
  const { roomId, servers } = await resolveAlias(server, roomIdOrAlias)
  return { roomId, servers: [...servers, ...via] }
}

/** Enters a room this server is in. False if another server has to let the user in. */
async function enterHere(
  server: Homeserver,
  sender: LocalSender,
  { roomId, room, membership, reason, content }: Entering & { roomId: string; room: RoomNumber },
): Promise<boolean> {
  if (!(await isResident(server, room))) return false
  const members = await server.rooms.members.of(room)
  if (membership === 'join' && members.local.has(sender.user) && content === undefined) return true
  const more: JsonObject = { ...content }
  if (membership === 'join') {
    const authorising = await authorisingUser(server, { room, userId: sender.userId, user: sender.user })
    if (authorising === 'elsewhere') return false
    if (authorising) more.join_authorised_via_users_server = authorising
    if (await isInviteMissing(server, sender, room)) return false
  }
  await writeMember(server, sender, { roomId, target: sender.userId, membership, reason, content: more })
  return true
}

/** Whether an invite reached its user but not, so far, the room as it stands here. */
async function isInviteMissing(server: Homeserver, sender: LocalSender, room: RoomNumber): Promise<boolean> {
  const member = await memberRow(server.database, room, sender.user)
  if (member?.membership !== 'invite') return false
  const current = await stateEvent(server, await server.rooms.root(room), ['m.room.member', sender.userId])
  return membershipOf(current) !== 'invite'
}

interface EnteringElsewhere extends Entering {
  roomId: string
  servers: string[]
  room: RoomNumber | undefined
}

async function enterElsewhere(
  server: Homeserver,
  sender: LocalSender,
  request: EnteringElsewhere,
): Promise<void> {
  const { roomId, membership, reason } = request
  const candidates = [...request.servers, ...(await inviters(server, sender, request.room)), domainOf(roomId)]
  const via = [...new Set(candidates)].filter((name) => name !== '' && !server.isLocal(name))
  if (via.length === 0) {
    throw request.room === undefined
      ? notFound('no server is known that is in this room')
      : forbidden('nobody of this server is in the room, and no other server is known to ask')
  }
  const content = await memberContent(server, sender.userId, { membership, reason, more: request.content })
  if (membership === 'knock') return server.remote.knock({ userId: sender.userId, roomId, via, content })
  await inTurn(server, roomId, async () => {
    // Somebody may have brought the room here meanwhile.
    const room = await server.interning.rooms.existing(server.database, roomId)
    if (room !== undefined && (await enterHere(server, sender, { ...request, room }))) return
    await server.remote.join({ userId: sender.userId, roomId, via, content })
  })
}

/** The server of whoever invited the user. */
async function inviters(
  server: Homeserver,
  sender: LocalSender,
  room: RoomNumber | undefined,
): Promise<string[]> {
  if (room === undefined) return []
  const member = await memberRow(server.database, room, sender.user)
  if (member?.membership !== 'invite') return []
  const invite = (await server.events.byNumber([member.event])).get(member.event)
  return invite ? [domainOf(invite.pdu.sender)] : []
}

/** Joins of one room from this process go one after the other: the first brings the room. */
async function inTurn(server: Homeserver, roomId: string, work: () => Promise<void>): Promise<void> {
  const turn = (server.joining.get(roomId) ?? Promise.resolve()).then(work)
  const settled = turn.catch(() => undefined)
  server.joining.set(roomId, settled)
  try {
    await turn
  } finally {
    if (server.joining.get(roomId) === settled) server.joining.delete(roomId)
  }
}
