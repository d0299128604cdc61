import { domainOf } from '@kith/spec/ids'
import type { JsonObject } from '@kith/spec/json'
import type { Commands } from './api.ts'
import { hasDummyFlow } from './discovery.ts'
import { CommandError, isPassing, withKey } from './errors.ts'
import { call } from './http.ts'
import type { StoredSession } from './store/records.ts'

type Credentials = Parameters<Commands['signIn']>[0]

interface SignInAnswer {
  user_id: string
  access_token?: string
  device_id?: string
  well_known?: { 'm.homeserver'?: { base_url?: string } }
}

/** @param deviceId of a session that was locked, which goes on */
export async function signIn(input: Credentials, deviceId?: string): Promise<StoredSession> {
  const body: JsonObject = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: input.user.trim() },
    password: input.password,
    ...(input.deviceName !== undefined && { initial_device_display_name: input.deviceName }),
    ...(deviceId !== undefined && { device_id: deviceId }),
  }
  try {
    return sessionOf(input, await call<SignInAnswer>(input, 'login', { body }))
  } catch (error) {
    // A server in trouble also says `M_UNKNOWN`.
    if (isPassing(error)) throw error
    throw withKey(error, {
      M_FORBIDDEN: 'wrong-password',
      M_UNKNOWN: 'login-elsewhere',
      M_UNRECOGNIZED: 'login-elsewhere',
    })
  }
}

/** Makes an account where the server asks for no more than a name and a password. */
export async function register(input: Credentials): Promise<StoredSession> {
  const body: JsonObject = {
    username: input.user.trim(),
    password: input.password,
    ...(input.deviceName !== undefined && { initial_device_display_name: input.deviceName }),
  }
  const attempt = (auth: JsonObject) => call<SignInAnswer>(input, 'register', { body: { ...body, ...auth } })
  try {
    return sessionOf(input, await attempt({}))
  } catch (error) {
    if (!(error instanceof CommandError) || error.status !== 401) throw registrationError(error)
    if (!hasDummyFlow(error.answer)) {
      throw new CommandError('registration-elsewhere', 'The server asks for more than a password')
    }
    const auth: JsonObject = { type: 'm.login.dummy', session: error.answer.session ?? null }
    const answer = await attempt({ auth }).catch((second: unknown) =>
      Promise.reject(registrationError(second)),
    )
    return sessionOf(input, answer)
  }
}

export async function isNameFree({ baseUrl, user }: { baseUrl: string; user: string }): Promise<boolean> {
  try {
    const answer = await call<{ available?: boolean }>({ baseUrl }, 'isNameAvailable', {
      query: { username: user.trim() },
    })
    return answer.available === true
  } catch (error) {
    if (error instanceof CommandError && error.key === 'name-taken') return false
    throw error
  }
}

function registrationError(error: unknown): unknown {
  return withKey(error, { M_FORBIDDEN: 'registration-closed' })
}

function sessionOf(input: Credentials, answer: SignInAnswer): StoredSession {
  const { user_id: userId, access_token: token, device_id: deviceId } = answer
  if (typeof userId !== 'string' || typeof token !== 'string' || typeof deviceId !== 'string') {
    throw new CommandError('not-a-homeserver', 'The server answered without a session')
  }
  return { userId, deviceId, token, baseUrl: input.baseUrl, serverName: domainOf(userId) }
}
