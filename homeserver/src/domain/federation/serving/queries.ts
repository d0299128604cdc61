/** What other servers may ask of ours outside of rooms: of local names only (checklist F11). */
import { notFound } from '@kith/spec/errors'
import { domainOf } from '@kith/spec/ids'
import { type JsonObject, own } from '@kith/spec/json'
import type { Homeserver } from '../../homeserver.ts'
import { localProfile } from '../../profile/profile.ts'
import { type ResolvedAlias, resolveAlias } from '../../rooms/aliases.ts'

/** @throws M_NOT_FOUND */
export async function readDirectory(server: Homeserver, alias: string): Promise<ResolvedAlias> {
  if (!server.isLocal(domainOf(alias))) throw notFound(`${alias} is not an alias of this server`)
  return resolveAlias(server, alias)
}

/** A profile, or one field of it: empty where the user has not set it. @throws M_NOT_FOUND */
export async function readProfile(
  server: Homeserver,
  { userId, field }: { userId: string; field?: string },
): Promise<JsonObject> {
  if (!server.isLocal(domainOf(userId))) throw notFound('there is no such user')
  const profile = await localProfile(server, userId)
  if (field === undefined) return profile
  const value = own(profile, field)
  return value === undefined ? {} : { [field]: value }
}
