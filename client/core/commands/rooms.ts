import { domainOf, isUserId } from '@kith/spec/ids'
import { type JsonObject, own } from '@kith/spec/json'
import type { Commands, NewRoom } from '../api.ts'
import { afterSync, type Engine } from '../engine.ts'
import { CommandError, withKey } from '../errors.ts'
import { call, type Endpoint, type Request } from '../http.ts'
import { commit, knownRoom, type Model, signedIn } from '../model.ts'
import { fetchProfile } from '../profile.ts'
import { withDirect } from '../rooms/account.ts'
import { showRooms } from '../show.ts'
import { knownPeople } from './known-people.ts'
import { roomTarget } from './room-links.ts'

type RoomCommands = Pick<
  Commands,
  | 'createGroup'
  | 'openDirectChat'
  | 'knownPeople'
  | 'invite'
  | 'join'
  | 'accept'
  | 'decline'
  | 'leave'
  | 'kick'
  | 'ban'
  | 'unban'
  | 'setRoomName'
  | 'setRoomTopic'
>

export function roomCommands(engine: Engine): RoomCommands {
  const { model } = engine
  const ask = (endpoint: Endpoint, request: Request) => call(signedIn(model), endpoint, request)
  const setState = async (roomId: string, eventType: string, body: JsonObject) => {
    await ask('setRoomState', { params: { roomId, eventType, stateKey: '' }, body })
  }
  const about = (userId: string, reason?: string): JsonObject => ({
    user_id: checked(userId),
    ...(reason !== undefined && { reason }),
  })
  return {
    createGroup: (room) => create(engine, groupBody(room)),
    openDirectChat: (userId) => openDirectChat(engine, checked(userId)),
    knownPeople: () => knownPeople(model),
    async invite(roomId, userId) {
      await ask('inviteUser', { params: { roomId }, body: about(userId) })
    },
    join: (target, via = []) => join(engine, target, via),
    accept: (roomId) => accept(engine, roomId),
    decline: (roomId) => leave(engine, roomId),
    leave: (roomId) => leave(engine, roomId),
    async kick(roomId, userId, reason) {
      await ask('kickUser', { params: { roomId }, body: about(userId, reason) })
    },
    async ban(roomId, userId, reason) {
      await ask('banUser', { params: { roomId }, body: about(userId, reason) })
    },
    async unban(roomId, userId) {
      await ask('unbanUser', { params: { roomId }, body: about(userId) })
    },
    setRoomName: (roomId, name) => setState(roomId, 'm.room.name', { name: name.trim() }),
    setRoomTopic: (roomId, topic) => setState(roomId, 'm.room.topic', { topic: topic.trim() }),
  }
}

function checked(userId: string): string {
  const trimmed = userId.trim()
  if (!isUserId(trimmed)) throw new CommandError('invalid-input', 'Not the ID of a person')
  return trimmed
}

function groupBody({ name, topic, invite, isPublic, alias }: NewRoom): JsonObject {
  return {
    name: name.trim(),
    preset: isPublic ? 'public_chat' : 'private_chat',
    visibility: isPublic ? 'public' : 'private',
    ...(topic !== undefined && topic.trim() !== '' && { topic: topic.trim() }),
    ...(invite && { invite: invite.map(checked) }),
    ...(alias !== undefined && { room_alias_name: alias }),
  }
}

async function create(engine: Engine, body: JsonObject): Promise<string> {
  const { room_id: roomId } = await call<{ room_id: string }>(signedIn(engine.model), 'createRoom', { body })
  await untilJoined(engine, roomId)
  return roomId
}

function untilJoined(engine: Engine, roomId: string): Promise<void> {
  return afterSync(engine, () => engine.model.rooms.get(roomId)?.membership === 'join')
}

async function join(engine: Engine, typed: string, via: readonly string[]): Promise<string> {
  const target = roomTarget(typed)
  const servers = [...new Set([...target.via, ...via, ...serversOf(engine.model, target.room)])]
  // What `via` was called before v1.12 is for servers that know no other.
  const request = {
    params: { roomIdOrAlias: target.room },
    query: { via: servers, server_name: servers },
    body: {},
  }
  const { room_id: roomId } = await call<{ room_id: string }>(signedIn(engine.model), 'joinRoom', {
    ...request,
    timeoutMs: joinTimeoutMs,
  }).catch((error: unknown) =>
    Promise.reject(withKey(error, { M_NOT_FOUND: 'no-such-room', M_UNKNOWN: 'no-such-room' })),
  )
  await untilJoined(engine, roomId)
  return roomId
}

/** Servers that may know a room: of those who are named in it, and of who replaced another one by it. */
function serversOf({ rooms }: Model, roomId: string): string[] {
  const named = Object.keys(rooms.get(roomId)?.people ?? {})
  const replacing = [...rooms.values()].flatMap(({ state }) => {
    const tombstone = own(state, 'm.room.tombstone')
    return tombstone?.content.replacement_room === roomId ? [tombstone.sender] : []
  })
  return [...replacing, ...named].map(domainOf).slice(0, mostServers)
}

/** A large room of another server takes its time. */
const joinTimeoutMs = 120_000
const mostServers = 5

async function accept(engine: Engine, roomId: string): Promise<void> {
  const { model } = engine
  const { inviter, isDirectInvite } = knownRoom(model, roomId)
  await call(signedIn(model), 'joinRoomById', { params: { roomId }, body: {}, timeoutMs: joinTimeoutMs })
  if (isDirectInvite && inviter !== undefined) await addDirect(model, inviter, roomId)
  await untilJoined(engine, roomId)
}

async function leave(engine: Engine, roomId: string): Promise<void> {
  const { model } = engine
  await call(signedIn(model), 'leaveRoom', { params: { roomId }, body: {} })
  await afterSync(engine, () => ['leave', 'ban'].includes(model.rooms.get(roomId)?.membership ?? 'leave'))
}

async function openDirectChat(engine: Engine, userId: string): Promise<string> {
  const { model } = engine
  const found = directChat(model, userId)
  if (found !== undefined) {
    if (model.rooms.get(found)?.membership === 'invite') await accept(engine, found)
    return found
  }
  await mustExist(model, userId)
  const body = { preset: 'trusted_private_chat', is_direct: true, invite: [userId] }
  const roomId = await create(engine, body)
  await addDirect(model, userId, roomId)
  return roomId
}

/** One that both are in, or invited to: the one with the last message. */
function directChat({ rooms, entries }: Model, userId: string): string | undefined {
  const chats = [...rooms.values()].filter(
    ({ roomId, membership, joined, invited, inviter, isDirectInvite }) => {
      if (membership === 'invite') return isDirectInvite && inviter === userId
      return membership === 'join' && entries.partners.get(roomId) === userId && joined + invited > 1
    },
  )
  return chats.sort((a, b) => b.activity - a.activity)[0]?.roomId
}

/** Servers that tell no profiles are taken at their word. */
async function mustExist(model: Model, userId: string): Promise<void> {
  try {
    await fetchProfile(signedIn(model), userId)
  } catch (error) {
    if (error instanceof CommandError && error.errcode === 'M_NOT_FOUND') {
      throw withKey(error, { M_NOT_FOUND: 'no-such-person' })
    }
  }
}

async function addDirect(model: Model, userId: string, roomId: string): Promise<void> {
  const access = signedIn(model)
  const content = withDirect(model.accountData.get('m.direct') ?? {}, userId, roomId)
  await call(access, 'setAccountData', { params: { userId: access.userId, type: 'm.direct' }, body: content })
  await model.turn(() => commit(model, { accountData: [{ roomId: '', type: 'm.direct', content }] }))
  showRooms(model, [roomId])
}
