import { MatrixError } from '@kith/spec/errors'
import { isCompliantUserId, isUserId } from '@kith/spec/ids'
import type { Homeserver } from '../homeserver.ts'

/**
 * The user id that a new account of this name would have. Capitals are taken as small letters.
 *
 * @throws MatrixError M_INVALID_USERNAME; M_EXCLUSIVE for names with a leading underscore, which are
 *   kept for application services
 */
export function newUserId(server: Pick<Homeserver, 'config'>, name: string): string {
  const localpart = name.toLowerCase()
  const userId = `@${localpart}:${server.config.serverName}`
  if (!isCompliantUserId(userId)) {
    throw new MatrixError(
      'M_INVALID_USERNAME',
      'A name consists of a-z, 0-9 and ._=-/+ and is at most 255 bytes long with its server',
    )
  }
  if (localpart.startsWith('_')) throw new MatrixError('M_EXCLUSIVE', 'Names that begin with _ are reserved')
  return userId
}

/** The id of a local user named by his whole id or only by its localpart; undefined for anybody else. */
export function localUserId(server: Homeserver, name: string): string | undefined {
  const userId = name.startsWith('@') ? name : `@${name}:${server.config.serverName}`
  if (!isUserId(userId) || !server.isLocal(userId.slice(userId.indexOf(':') + 1))) return undefined
  return userId
}
