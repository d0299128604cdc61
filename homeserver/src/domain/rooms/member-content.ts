import { domainOf } from '@kith/spec/ids'
import type { JsonObject } from '@kith/spec/json'
import type { Membership } from '../../storage/event-inserts.ts'
import { profileFields } from '../../storage/profiles.ts'
import type { Homeserver } from '../homeserver.ts'

/** Content of a member event about somebody, with their name and picture where they are ours to say. */
export async function memberContent(
  server: Homeserver,
  userId: string,
  fields: { membership: Membership; reason?: string; isDirect?: boolean; more?: JsonObject },
): Promise<JsonObject> {
  const { membership, reason, isDirect, more } = fields
  const named = membership === 'join' || membership === 'invite' || membership === 'knock'
  const profile = named && server.isLocal(domainOf(userId)) ? await memberProfile(server, userId) : {}
  return {
    ...more,
    ...profile,
    membership,
    ...(reason === undefined ? {} : { reason }),
    ...(isDirect ? { is_direct: true } : {}),
  }
}

/** Name and picture of a local user, as far as they have them. */
async function memberProfile(server: Homeserver, userId: string): Promise<JsonObject> {
  const user = await server.interning.users.number(server.database, userId)
  const fields = await profileFields(server.database, user)
  const shown = fields.filter(({ key }) => key === 'displayname' || key === 'avatar_url')
  return Object.fromEntries(shown.map(({ key, value }) => [key, JSON.parse(value) as string]))
}
