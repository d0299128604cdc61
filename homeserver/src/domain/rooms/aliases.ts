/** Room aliases of this server, and those of others resolved. */

import { forbidden, invalidParam, MatrixError, notFound } from '@kith/spec/errors'
import { domainOf, isRoomAlias } from '@kith/spec/ids'
import { powerLevels } from '@kith/spec/rooms/power-levels'
import { aliasesOfRoom, aliasRow, deleteAlias, insertAlias } from '../../storage/aliases.ts'
import { joinedServers } from '../../storage/members.ts'
import type { Homeserver } from '../homeserver.ts'
import { membershipOf } from './member-changes.ts'
import { roomRules } from './room-rules.ts'
import { type LocalSender, roomNumber } from './send.ts'
import { stateAt } from './state-reader.ts'

export interface ResolvedAlias {
  roomId: string
  servers: string[]
}

/** @throws M_INVALID_PARAM, M_NOT_FOUND; what the alias's server answers */
export async function resolveAlias(server: Homeserver, alias: string): Promise<ResolvedAlias> {
  if (!isRoomAlias(alias)) throw invalidParam(`${alias} is not a room alias`)
  if (!server.isLocal(domainOf(alias))) {
    const found = await server.remote.alias(alias)
    if (!found) throw notFound(`${alias} belongs to no room`)
    return found
  }
  const row = await aliasRow(server.database, alias)
  if (!row) throw notFound(`${alias} belongs to no room`)
  const room = await roomNumber(server, row.roomId)
  return { roomId: row.roomId, servers: await joinedServers(server.database, room) }
}

/** @throws M_INVALID_PARAM, M_FORBIDDEN; M_UNKNOWN (409) when it is taken */
export async function createAlias(
  server: Homeserver,
  caller: LocalSender,
  { alias, roomId }: { alias: string; roomId: string },
): Promise<void> {
  if (!isRoomAlias(alias)) throw invalidParam(`${alias} is not a room alias`)
  if (!server.isLocal(domainOf(alias))) throw invalidParam(`${alias} belongs to another server`)
  await requireMember(server, caller, roomId)
  const made = await insertAlias(server.database, { alias, roomId, creator: caller.user })
  if (!made) throw new MatrixError('M_ROOM_IN_USE', `${alias} belongs to a room already`)
}

async function requireMember(server: Homeserver, caller: LocalSender, roomId: string): Promise<void> {
  const root = await server.rooms.root(await roomNumber(server, roomId))
  const state = await stateAt(server, root, [['m.room.member', caller.userId]])
  if (membershipOf(state.get('m.room.member', caller.userId)) !== 'join') {
    throw forbidden('you are not in the room')
  }
}

/** Whoever made an alias may delete it, and who may set the room's canonical alias. */
export async function removeAlias(
  server: Homeserver,
  caller: LocalSender & { isAdmin: boolean },
  alias: string,
): Promise<void> {
  const row = await aliasRow(server.database, alias)
  if (!row) throw notFound(`${alias} belongs to no room`)
  const allowed =
    row.creator === caller.user || caller.isAdmin || (await maySetAlias(server, caller, row.roomId))
  if (!allowed) throw forbidden('you may not delete this alias')
  await deleteAlias(server.database, alias)
}

async function maySetAlias(server: Homeserver, caller: LocalSender, roomId: string): Promise<boolean> {
  const room = await roomNumber(server, roomId)
  const state = await stateAt(server, await server.rooms.root(room), [
    ['m.room.create', ''],
    ['m.room.power_levels', ''],
    ['m.room.member', caller.userId],
  ])
  const create = state.get('m.room.create', '')
  if (!create || membershipOf(state.get('m.room.member', caller.userId)) !== 'join') return false
  const levels = powerLevels(create, state.get('m.room.power_levels', ''), roomRules(create))
  return levels.user(caller.userId) >= levels.event('m.room.canonical_alias', true)
}

/** The aliases that this server has for a room; for its members, or anybody where its history is open. */
export async function localAliases(
  server: Homeserver,
  caller: LocalSender,
  roomId: string,
): Promise<string[]> {
  const root = await server.rooms.root(await roomNumber(server, roomId))
  const state = await stateAt(server, root, [
    ['m.room.member', caller.userId],
    ['m.room.history_visibility', ''],
  ])
  const isOpen =
    state.get('m.room.history_visibility', '')?.pdu.content.history_visibility === 'world_readable'
  if (!isOpen && membershipOf(state.get('m.room.member', caller.userId)) !== 'join') {
    throw forbidden('you are not in the room')
  }
  return aliasesOfRoom(server.database, roomId)
}

/** Refuses a canonical alias that does not lead to its room. @throws M_BAD_ALIAS, M_INVALID_PARAM */
export async function checkCanonicalAlias(
  server: Homeserver,
  roomId: string,
  named: { given: readonly string[]; before: readonly string[] },
): Promise<void> {
  for (const alias of named.given) {
    if (!isRoomAlias(alias)) throw invalidParam(`${alias} is not a room alias`)
    if (named.before.includes(alias)) continue
    const found = await resolveAlias(server, alias).catch((error: unknown) => {
      if (error instanceof MatrixError) return undefined
      throw error
    })
    if (found?.roomId !== roomId) throw new MatrixError('M_BAD_ALIAS', `${alias} does not lead to this room`)
  }
}
