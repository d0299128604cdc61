/** New rooms. Source: client-server-api, "POST /_matrix/client/v3/createRoom". */
import type { CreateRoomBody } from '@kith/spec/api/create-room'
import { badJson, forbidden, invalidParam, MatrixError, unsupportedRoomVersion } from '@kith/spec/errors'
import { buildEvent } from '@kith/spec/events/build'
import { domainOf, isRoomAlias, isUserId } from '@kith/spec/ids'
import type { JsonObject } from '@kith/spec/json'
import { defaultRoomVersion, type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import { aliasRow, deleteAlias, insertAlias, setPublished } from '../../storage/aliases.ts'
import { setRoomVersion } from '../../storage/heads.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import type { Homeserver } from '../homeserver.ts'
import { randomId } from '../random-id.ts'
import { prepareAll } from './changes.ts'
import { initialEvents } from './create-events.ts'
import { emptyHead } from './head.ts'
import { inviteUser } from './invite.ts'
import { memberContent } from './member-content.ts'
import type { EventDraft } from './prepare.ts'
import type { LocalSender } from './send.ts'

/** Makes a room and invites its first people. @returns the room's id */
export async function createRoom(
  server: Homeserver,
  creator: LocalSender,
  options: CreateRoomBody,
): Promise<string> {
  const rules = rulesFor(options)
  checkOptions(options)
  const alias = await freeAlias(server, creator, options)
  const create = createDraft({ creator, options, rules })
  const { roomId, at } = roomIdFor(server, { creator, rules, create })
  const room = await server.interning.rooms.number(server.database, roomId)
  await setRoomVersion(server.database, room, rules.version)
  if (alias !== undefined) await claimAlias(server, { alias, roomId, creator })
  const drafts: EventDraft[] = [
    { ...create, timestampMs: at },
    {
      type: 'm.room.member',
      sender: creator.userId,
      stateKey: creator.userId,
      content: await memberContent(server, creator.userId, { membership: 'join' }),
    },
    ...initialEvents({ creator: creator.userId, options, rules, alias }),
  ]
  await writeRoom(server, { room, roomId, rules, drafts }).catch(async (error: unknown) => {
    if (alias !== undefined) await deleteAlias(server.database, alias)
    throw error
  })
  if (options.visibility === 'public') await setPublished(server.database, room, true)
  for (const target of options.invite ?? []) {
    await inviteUser(server, creator, { roomId, target, isDirect: options.is_direct })
  }
  return roomId
}

function rulesFor(options: CreateRoomBody): RoomVersionRules {
  const version = options.room_version ?? defaultRoomVersion
  const rules = roomVersions.get(version)
  if (!rules) throw unsupportedRoomVersion(version)
  return rules
}

function checkOptions(options: CreateRoomBody): void {
  if (options.invite_3pid?.length) throw forbidden('this server uses no identity server to invite by address')
  for (const target of options.invite ?? []) {
    if (!isUserId(target)) throw invalidParam(`${target} is not a user id`)
  }
  const { additional_creators: more } = options.creation_content ?? {}
  if (
    more !== undefined &&
    !(Array.isArray(more) && more.every((id) => typeof id === 'string' && isUserId(id)))
  ) {
    throw badJson('additional_creators must be user ids')
  }
}

async function freeAlias(
  server: Homeserver,
  creator: LocalSender,
  { room_alias_name: name }: CreateRoomBody,
): Promise<string | undefined> {
  if (name === undefined) return undefined
  const alias = `#${name}:${domainOf(creator.userId)}`
  if (name.includes(':') || !isRoomAlias(alias)) throw invalidParam(`${name} cannot be part of a room alias`)
  if (await aliasRow(server.database, alias)) throw aliasInUse(alias)
  return alias
}

const aliasInUse = (alias: string) => new MatrixError('M_ROOM_IN_USE', `${alias} belongs to a room already`)

async function claimAlias(
  server: Homeserver,
  { alias, roomId, creator }: { alias: string; roomId: string; creator: LocalSender },
): Promise<void> {
  const claimed = await insertAlias(server.database, { alias, roomId, creator: creator.user })
  if (!claimed) throw aliasInUse(alias)
}

interface Creation {
  creator: LocalSender
  options: CreateRoomBody
  rules: RoomVersionRules
}

function createDraft({ creator, options, rules }: Creation): EventDraft {
  const content: JsonObject = { ...(options.creation_content as JsonObject), room_version: rules.version }
  if (rules.creatorInContent) content.creator = creator.userId
  else delete content.creator
  if (rules.privilegedCreators && options.preset === 'trusted_private_chat' && options.invite?.length) {
    const given = (content.additional_creators as string[] | undefined) ?? []
    content.additional_creators = [...new Set([...given, ...options.invite])]
  }
  return { type: 'm.room.create', sender: creator.userId, stateKey: '', content }
}

/**
 * The room's id: random, or (room version 12) the hash of the create event, which the same text and time give
 * again when the event is built in its place.
 */
function roomIdFor(
  server: Homeserver,
  { creator, rules, create }: { creator: LocalSender; rules: RoomVersionRules; create: EventDraft },
): { roomId: string; at: number } {
  const at = server.clock.now()
  const serverName = domainOf(creator.userId)
  if (!rules.roomIdIsCreateHash) return { roomId: `!${randomId(18)}:${serverName}`, at }
  const { roomId } = buildEvent(
    {
      type: create.type,
      sender: create.sender,
      state_key: '',
      content: create.content,
      origin_server_ts: at,
      depth: 1,
      prev_events: [],
      auth_events: [],
    },
    { rules, serverName, key: server.signingKey(serverName), crypto: server.crypto },
  )
  return { roomId, at }
}

async function writeRoom(
  server: Homeserver,
  {
    room,
    roomId,
    rules,
    drafts,
  }: { room: RoomNumber; roomId: string; rules: RoomVersionRules; drafts: EventDraft[] },
): Promise<void> {
  await server.rooms.write(room, async (head) => {
    if (head) throw new MatrixError('M_ROOM_IN_USE', 'the same room was created at this very moment')
    return { ...(await prepareAll(server, emptyHead(room, roomId, rules), drafts)), result: undefined }
  })
}
