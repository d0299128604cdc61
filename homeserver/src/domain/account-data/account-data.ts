/** What clients keep with the server for themselves, of all rooms or of one. Source: client-server-api, "Client Config". */
import { invalidParam, MatrixError, notFound, tooLarge } from '@kith/spec/errors'
import { maxIdBytes } from '@kith/spec/ids'
import { type JsonObject, utf8Length } from '@kith/spec/json'
import { accountDataOf, accountDataSize, noRoom } from '../../storage/account-data.ts'
import type { RoomNumber, UserNumber } from '../../storage/interning.ts'
import { kinds } from '../../storage/kinds.ts'
import type { PushStandingChange } from '../../storage/push-classes.ts'
import type { Reader } from '../events/client-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { pushRulesType } from './account-data-view.ts'
import { shownContent } from './shown.ts'

/** Types that are set in ways of their own. */
const controlled = new Set(['m.fully_read', pushRulesType])

const maxContentBytes = 64 * 1024
const mostEntries = 20_000
const mostCharacters = 32 * 1024 * 1024

/** The type of account data is not for clients to set. */
export class ControlledByServer extends MatrixError {
  override name = 'ControlledByServer'
  constructor(type: string) {
    super('M_BAD_JSON', `${type} cannot be set as account data`)
  }
}

export interface AccountDataName {
  /** Absent for what belongs to no room. */
  roomId?: string
  type: string
}

/** @throws ControlledByServer; MatrixError M_INVALID_PARAM, M_TOO_LARGE, M_NOT_FOUND for a room never heard of */
export async function setAccountData(
  server: Homeserver,
  reader: Reader,
  { roomId, type, content }: AccountDataName & { content: JsonObject },
): Promise<void> {
  if (controlled.has(type)) throw new ControlledByServer(type)
  if (type === '' || utf8Length(type) > maxIdBytes) throw invalidParam('the type is empty or over 255 bytes')
  if (utf8Length(JSON.stringify(content)) > maxContentBytes)
    throw tooLarge('account data is limited to 64 KiB')
  const room = roomId === undefined ? noRoom : await knownRoom(server, roomId)
  const { entries, characters } = await accountDataSize(server.database, reader.user)
  if (entries >= mostEntries || characters >= mostCharacters) throw tooLarge('there is too much account data')
  await storeAccountData(server, reader.user, { room, type, content })
}

interface StoredData {
  room: RoomNumber
  type: string
  content: JsonObject
  /** With push rules: what they come to. */
  standing?: PushStandingChange
}

/** Writes account data of any type, durable once this resolves. */
export async function storeAccountData(
  server: Homeserver,
  user: UserNumber,
  { room, type, content, standing }: StoredData,
): Promise<void> {
  const payload = { user, room, type, content: JSON.stringify(content), standing }
  const change = { kind: kinds.accountData, user, room: room === noRoom ? undefined : room, payload }
  await server.log.commit({ transactionKeys: [], changes: [change] })
}

/** @throws MatrixError M_NOT_FOUND */
export async function accountData(
  server: Homeserver,
  reader: Reader,
  { roomId, type }: AccountDataName,
): Promise<JsonObject> {
  const room = roomId === undefined ? noRoom : await knownRoom(server, roomId)
  const entry = await accountDataOf(server.database, { user: reader.user, room, type })
  if (entry) return shownContent(reader.userId, entry)
  throw notFound('there is no account data of this type')
}

async function knownRoom(server: Homeserver, roomId: string): Promise<RoomNumber> {
  const room = await server.interning.rooms.existing(server.database, roomId)
  if (room === undefined) throw notFound('this server knows no such room')
  return room
}
