/** What people tell of themselves. Source: client-server-api, "Profiles". */
import { queryProfile } from '@kith/spec/api/federation/query'
import { badJson, forbidden, invalidParam, MatrixError, missingParam, notFound } from '@kith/spec/errors'
import { domainOf, isServerName, maxIdBytes } from '@kith/spec/ids'
import { type Json, type JsonObject, own, utf8Length } from '@kith/spec/json'
import { accountOf } from '../../storage/accounts.ts'
import { kinds } from '../../storage/kinds.ts'
import { type ProfileField, profileFields } from '../../storage/profiles.ts'
import type { Reader } from '../events/client-event.ts'
import { RemoteError } from '../federation/remote-error.ts'
import type { Homeserver } from '../homeserver.ts'
import { spreadProfile } from './spread.ts'

const maxProfileBytes = 64 * 1024
/** Shown fields are in every member event of their owner. */
const maxShownBytes = 2048
const shownFields = new Set(['displayname', 'avatar_url'])
const emptyProfileBytes = 2

/** The profile of a user of this server. @throws MatrixError M_NOT_FOUND */
export async function localProfile(server: Homeserver, userId: string): Promise<JsonObject> {
  const account = await accountOf(server.database, userId)
  if (!account || account.deactivatedAt !== null) throw notFound('there is no such user')
  return profileObject(await profileFields(server.database, account.user))
}

/** Anybody's profile: of users elsewhere, their server is asked. @throws MatrixError M_NOT_FOUND; RemoteError */
export async function profile(server: Homeserver, userId: string): Promise<JsonObject> {
  const destination = domainOf(userId)
  if (server.isLocal(destination)) return localProfile(server, userId)
  try {
    return await server.federation.client.call(queryProfile, {
      origin: server.config.serverName,
      destination,
      params: {},
      query: { user_id: userId },
    })
  } catch (error) {
    if (error instanceof RemoteError && error.status !== undefined) throw notFound('there is no such user')
    throw error
  }
}

/** One field of a profile. @throws as `profile` does */
export async function profileField(server: Homeserver, userId: string, key: string): Promise<Json> {
  const value = own(await profile(server, userId), key)
  if (value === undefined) throw notFound('the profile has no such field')
  return value
}

/**
 * Sets a field of the user's own profile, and shows it in the rooms he is in.
 *
 * @param body holds the field under its own name
 * @throws MatrixError M_FORBIDDEN, M_MISSING_PARAM, M_BAD_JSON, M_INVALID_PARAM, M_KEY_TOO_LARGE, M_PROFILE_TOO_LARGE
 */
export async function setProfileField(
  server: Homeserver,
  reader: Reader,
  { userId, key, body }: { userId: string; key: string; body: JsonObject },
): Promise<void> {
  requireOwn(reader, userId)
  const value = own(body, key)
  if (value === undefined) throw missingParam(`the body lacks ${key}`)
  checkKey(key)
  checkValue(key, value)
  // An empty picture is how clients from before DELETE took theirs away.
  if (key === 'avatar_url' && value === '') return removeProfileField(server, reader, { userId, key })
  await server.views.turns.run(reader.user, async () => {
    const fields = await profileFields(server.database, reader.user)
    const text = JSON.stringify(value)
    const all = [...fields.filter((field) => field.key !== key), { key, value: text }]
    if (sizeOf(all) > maxProfileBytes) {
      throw new MatrixError('M_PROFILE_TOO_LARGE', 'a profile is limited to 64 KiB')
    }
    await write(server, reader, { key, value: text })
    if (shownFields.has(key)) await spreadProfile(server, reader, { [key]: value })
  })
}

/** @throws MatrixError M_FORBIDDEN, M_KEY_TOO_LARGE */
export async function removeProfileField(
  server: Homeserver,
  reader: Reader,
  { userId, key }: { userId: string; key: string },
): Promise<void> {
  requireOwn(reader, userId)
  checkKey(key)
  await server.views.turns.run(reader.user, async () => {
    await write(server, reader, { key })
    if (shownFields.has(key)) await spreadProfile(server, reader, { [key]: undefined })
  })
}

function requireOwn(reader: Reader, userId: string): void {
  if (userId !== reader.userId) throw forbidden('this is not your profile')
}

function write(
  server: Homeserver,
  { user }: Reader,
  field: { key: string; value?: string },
): Promise<unknown> {
  const change = { kind: kinds.profile, user, payload: { user, ...field } }
  return server.log.commit({ transactionKeys: [], changes: [change] })
}

function checkKey(key: string): void {
  if (utf8Length(key) > maxIdBytes) {
    throw new MatrixError('M_KEY_TOO_LARGE', 'the name of a profile field is limited to 255 bytes')
  }
  if (key === '') throw invalidParam('the name of the profile field is empty')
}

function checkValue(key: string, value: Json): void {
  if (!shownFields.has(key)) return
  if (typeof value !== 'string') throw badJson(`${key} must be a string`)
  if (utf8Length(value) > maxShownBytes) throw invalidParam(`${key} is limited to ${maxShownBytes} bytes`)
  if (key === 'avatar_url' && value !== '' && !isMediaUri(value))
    throw invalidParam('avatar_url must be an mxc URI')
}

/** Source: appendices, "Matrix Content (mxc://) URIs". */
function isMediaUri(uri: string): boolean {
  const match = /^mxc:\/\/([^/]+)\/([A-Za-z0-9_-]{1,255})$/.exec(uri)
  return match !== null && isServerName(match[1] as string)
}

function profileObject(fields: readonly ProfileField[]): JsonObject {
  const entries = fields.map(({ key, value }) => [key, JSON.parse(value) as Json] as const)
  // Own properties whatever their names (checklist J9).
  return Object.fromEntries(entries)
}

function sizeOf(fields: readonly ProfileField[]): number {
  return fields.reduce(
    (sum, { key, value }) => sum + utf8Length(JSON.stringify(key)) + utf8Length(value) + 2,
    emptyProfileBytes,
  )
}
