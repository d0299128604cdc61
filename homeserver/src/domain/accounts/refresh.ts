import { unknownToken } from '@kith/spec/errors'
import type { Tx } from '../../platform/database.ts'
import { addNextToken, lockRefreshToken, type RefreshToken } from '../../storage/tokens.ts'
import type { Homeserver } from '../homeserver.ts'
import { changeSessions, userLocked } from './sessions.ts'
import { type IssuedTokens, issueTokens } from './sign-in.ts'
import { tokenHash } from './token.ts'

/** Spent refresh tokens are remembered for this long, so that their reuse is noticed. */
const rememberSpentMs = 30 * 24 * 60 * 60 * 1000

/**
 * Gives the next tokens for a refresh token. It may be presented again as long as the new tokens were not: the
 * answer may have been lost. After that its reuse means that somebody stole it, and the device is signed out.
 *
 * @throws MatrixError M_UNKNOWN_TOKEN, M_USER_LOCKED
 */
export async function refreshTokens(server: Homeserver, refreshToken: string): Promise<IssuedTokens> {
  const outcome = await server.database.transaction(async (tx) => {
    const found = await lockRefreshToken(tx, tokenHash(refreshToken))
    if (!found) throw unknownToken('Unknown refresh token')
    if (found.isLocked) throw userLocked()
    return isReused(found) ? { reused: found } : { issued: await issueNext(tx, found, server.clock.now()) }
  })
  if (outcome.issued) return outcome.issued
  const { user, deviceId } = outcome.reused
  await changeSessions(server, { user, endTokensOf: deviceId })
  throw unknownToken('This refresh token was used before')
}

function isReused({ generation, newest, newestWasUsed }: RefreshToken): boolean {
  return generation < newest - 1 || (generation === newest - 1 && newestWasUsed)
}

async function issueNext(tx: Tx, from: RefreshToken, now: number): Promise<IssuedTokens> {
  const { issued, stored } = issueTokens(true, now)
  const { user, deviceId } = from
  await addNextToken(tx, { ...stored, user, deviceId }, { from, forgetBefore: now - rememberSpentMs })
  return issued
}
