/** New rooms. Source: client-server-api, "POST /_matrix/client/v3/createRoom". */
import type { CreateRoomBody } from '@kith/spec/api/create-room'
import { badJson, forbidden, invalidParam, MatrixError, unsupportedRoomVersion } from '@kith/spec/errors'
import { domainOf, isRoomAlias, isUserId } from '@kith/spec/ids'
import type { Json, JsonObject } from '@kith/spec/json'
import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import { aliasRow, deleteAlias, insertAlias, setPublished } from '../../storage/aliases.ts'
import type { Homeserver } from '../homeserver.ts'
import { initialEvents } from './create-events.ts'
import { inviteUser } from './invite.ts'
import { joinRuleIn } from './join-rules.ts'
import { nameRoom, writeRoom } from './new-room.ts'
import type { LocalSender } from './send.ts'

/** Makes a room and invites its first people. @returns the room's id */
export async function createRoom(
  server: Homeserver,
  creator: LocalSender,
  options: CreateRoomBody,
): Promise<string> {
  const rules = knownVersion(options.room_version ?? server.config.defaultRoomVersion)
  checkOptions(options, rules)
  const alias = await freeAlias(server, creator, options)
  const named = await nameRoom(server, creator, { rules, content: createContent({ options, rules }) })
  const { room, roomId } = named
  if (alias !== undefined) await claimAlias(server, { alias, roomId, creator })
  const following = initialEvents({ creator: creator.userId, options, rules, alias })
  await writeRoom(server, named, following).catch(async (error: unknown) => {
    if (alias !== undefined) await deleteAlias(server.database, alias)
    throw error
  })
  if (options.visibility === 'public') await setPublished(server.database, room, true)
  for (const target of options.invite ?? []) {
    await inviteUser(server, creator, { roomId, target, isDirect: options.is_direct })
  }
  return roomId
}

/** @throws M_UNSUPPORTED_ROOM_VERSION (checklist J10) */
export function knownVersion(version: string): RoomVersionRules {
  const rules = roomVersions.get(version)
  if (!rules) throw unsupportedRoomVersion(version)
  return rules
}

function checkOptions(options: CreateRoomBody, rules: RoomVersionRules): void {
  if (options.invite_3pid?.length) throw forbidden('this server uses no identity server to invite by address')
  for (const target of options.invite ?? []) {
    if (!isUserId(target)) throw invalidParam(`${target} is not a user id`)
  }
  checkCreators(options.creation_content?.additional_creators)
  for (const { type, state_key: key = '', content } of options.initial_state ?? []) {
    if (type === 'm.room.join_rules' && key === '') checkJoinRule((content as JsonObject).join_rule, rules)
  }
}

/** @throws M_BAD_JSON */
export function checkCreators(creators: unknown): void {
  if (creators === undefined) return
  if (!Array.isArray(creators) || !creators.every((id) => typeof id === 'string' && isUserId(id))) {
    throw badJson('additional_creators must be user ids')
  }
}

/** Refuses a join rule that a room of this version does not know: nobody could tell who gets in. */
function checkJoinRule(rule: Json | undefined, rules: RoomVersionRules): void {
  if (typeof rule === 'string' && joinRuleIn(rule, rules) !== rule) {
    throw new MatrixError('M_INVALID_ROOM_STATE', `room version ${rules.version} has no join rule ${rule}`)
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
  options: CreateRoomBody
  rules: RoomVersionRules
}

/** Of the create event. In a room whose creators have all power, those whom its creator trusts are such. */
function createContent({ options, rules }: Creation): JsonObject {
  const content = { ...(options.creation_content as JsonObject | undefined) }
  if (rules.privilegedCreators && options.preset === 'trusted_private_chat' && options.invite?.length) {
    const given = (content.additional_creators as string[] | undefined) ?? []
    content.additional_creators = [...new Set([...given, ...options.invite])]
  }
  return content
}
