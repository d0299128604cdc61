import { createHmac, timingSafeEqual } from 'node:crypto'
import { canonicalJson } from '@kith/spec/canonical-json'
import type { Json, JsonObject } from '@kith/spec/json'
import { isObject } from '@kith/spec/json'
import {
  addPendingOperation,
  type PendingOperation,
  pendingOperation,
  takePendingOperation,
} from '../../storage/interactive-auth.ts'
import type { Homeserver } from '../homeserver.ts'
import { AuthenticationNeeded } from './authentication-needed.ts'
import type { Caller } from './caller.ts'
import { localUserId } from './localpart.ts'
import { accountByPassword } from './password-check.ts'
import { newToken, tokenHash } from './token.ts'

/** What is to be confirmed. */
export interface Confirmation {
  /** Method and path of the contract, with its parameters filled in. */
  operation: string
  /** The one stage of the one flow that is offered. */
  stage: 'm.login.dummy' | 'm.login.password'
  /** Who asks; undefined where nobody is signed in. */
  caller: Caller | undefined
  /** The request's body with its `auth`. */
  body: JsonObject
}

const pendingLifetimeMs = 15 * 60 * 1000

/**
 * Returns once the request is confirmed. A session of interactive authentication is good for one request only: for
 * this caller, this operation and this body.
 *
 * @throws AuthenticationNeeded with the flows, until then; MatrixError M_LIMIT_EXCEEDED
 */
export async function confirm(server: Homeserver, confirmation: Confirmation): Promise<void> {
  const auth = isObject(confirmation.body.auth) ? confirmation.body.auth : {}
  const session = typeof auth.session === 'string' ? auth.session : undefined
  if (session === undefined && auth.type === undefined) throw await offer(server, confirmation)
  if (session !== undefined && !(await isPending(server, session, confirmation))) {
    const problem = {
      errcode: 'M_UNKNOWN',
      error: 'This session of authentication belongs to another request',
    }
    throw await offer(server, confirmation, problem)
  }
  /** Says again how to go on, in the session that there is. */
  const again = (problem: JsonObject) =>
    session === undefined ? offer(server, confirmation, problem) : answer(confirmation, session, problem)
  if (auth.type !== confirmation.stage) throw await again({})
  if (!(await passesStage(server, confirmation, auth))) {
    throw await again({ errcode: 'M_FORBIDDEN', error: 'Wrong password' })
  }
  if (session === undefined) return
  const isFirst = await server.database.transaction((tx) => takePendingOperation(tx, tokenHash(session)))
  if (!isFirst) throw await offer(server, confirmation)
}

/** Begins a session of interactive authentication, and says how to go on. */
async function offer(server: Homeserver, confirmation: Confirmation, problem: JsonObject = {}) {
  const session = newToken()
  const now = server.clock.now()
  const pending: PendingOperation = {
    sessionHash: tokenHash(session),
    operation: confirmation.operation,
    user: confirmation.caller?.user ?? null,
    requestMac: requestMac(session, confirmation.body),
    createdAt: now,
  }
  await server.database.transaction((tx) => addPendingOperation(tx, pending, now - pendingLifetimeMs))
  return answer(confirmation, session, problem)
}

function answer({ stage }: Confirmation, session: string, problem: JsonObject): AuthenticationNeeded {
  return new AuthenticationNeeded({ ...problem, flows: [{ stages: [stage] }], params: {}, session })
}

async function isPending(server: Homeserver, session: string, confirmation: Confirmation): Promise<boolean> {
  const pending = await pendingOperation(server.database, tokenHash(session))
  if (!pending || pending.createdAt < server.clock.now() - pendingLifetimeMs) return false
  return (
    pending.operation === confirmation.operation &&
    pending.user === (confirmation.caller?.user ?? null) &&
    timingSafeEqual(pending.requestMac, requestMac(session, confirmation.body))
  )
}

/** Binds a request to a session. Keyed by the session's id, so that a password in the body can't be guessed from it. */
function requestMac(session: string, { auth: _, ...request }: JsonObject): Buffer {
  return createHmac('sha256', session).update(canonicalJson(request)).digest()
}

async function passesStage(
  server: Homeserver,
  confirmation: Confirmation,
  auth: JsonObject,
): Promise<boolean> {
  if (confirmation.stage === 'm.login.dummy') return true
  const { caller } = confirmation
  const name = namedUser(auth)
  if (!caller || name === undefined || typeof auth.password !== 'string') return false
  if (localUserId(server, name) !== caller.userId) return false
  return (await accountByPassword(server, name, auth.password)) !== undefined
}

/** Who is meant by `identifier`, or by `user` as old clients have it. */
export function namedUser({ identifier, user }: { identifier?: Json; user?: Json }): string | undefined {
  const named = isObject(identifier) && identifier.type === 'm.id.user' ? identifier.user : user
  return typeof named === 'string' ? named : undefined
}
