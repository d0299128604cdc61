import type { Endpoint } from '@kith/spec/api/endpoint'
import { forbidden, MatrixError, missingToken } from '@kith/spec/errors'
import type { Caller } from '../domain/accounts/caller.ts'
import { callerByToken, noteSeen, userLocked } from '../domain/accounts/sessions.ts'
import type { Homeserver } from '../domain/homeserver.ts'
import { mayWhileSuspended } from './suspension.ts'

/** What a request says about who makes it. */
export interface Credentials {
  /** The Authorization header. */
  authorization: string | undefined
  /** The query, undecoded. */
  query: string
  address: string
}

/**
 * Finds out which user makes a request, as its contract demands.
 *
 * @throws MatrixError M_MISSING_TOKEN, M_UNKNOWN_TOKEN, M_USER_LOCKED, M_USER_SUSPENDED, or M_FORBIDDEN for
 *   those who are not administrators
 */
export async function authenticateUser(
  server: Homeserver,
  contract: Endpoint,
  credentials: Credentials,
): Promise<Caller | undefined> {
  const token = accessToken(contract, credentials)
  if (token === undefined) {
    if (contract.auth === 'optional') return undefined
    throw missingToken()
  }
  const remembered = await callerByToken(server, token)
  const { caller } = remembered
  if (caller.isLocked && !worksWhileLocked(contract)) throw userLocked()
  if (contract.auth === 'admin' && !caller.isAdmin) throw forbidden('Only administrators may do this')
  if (caller.isSuspended && !mayWhileSuspended(contract)) {
    throw new MatrixError('M_USER_SUSPENDED', 'You cannot do this while your account is suspended')
  }
  noteSeen(server, remembered, credentials.address)
  return caller
}

const bearer = /^Bearer +(\S+) *$/i

function accessToken(contract: Endpoint, { authorization, query }: Credentials): string | undefined {
  const match = authorization === undefined ? null : bearer.exec(authorization)
  if (match) return match[1]
  // Old clients put the token into the address. For administration that would allow plain links and forms.
  if (contract.auth === 'admin' || !query.includes('access_token=')) return undefined
  return new URLSearchParams(query).get('access_token') || undefined
}

/** Source: client-server API, "Account locking": only logging out remains. */
function worksWhileLocked({ path }: Endpoint): boolean {
  return path === '/_matrix/client/v3/logout' || path === '/_matrix/client/v3/logout/all'
}
