import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { JsonObject } from '@kith/spec/json'
import { call, MatrixFailure, persist } from './client-api.ts'
import type { TestServer } from './server.ts'

/** A logged-in device. */
export interface Session {
  server: TestServer
  userId: string
  deviceId: string
  token: string
}

interface LoginResponse {
  user_id: string
  device_id: string
  access_token: string
}

/** Everybody's. */
export const password = 'correct horse battery staple'

/** Makes an account, by interactive authentication with the dummy stage, and logs in. */
export async function register(server: TestServer, localpart: string): Promise<Session> {
  const body = { username: localpart, password }
  const attempt = (auth: JsonObject) =>
    call<LoginResponse>(server, { method: 'POST', path: '/v3/register', body: { ...body, ...auth } })
  const session = await attempt({}).then(
    () => assert.fail('an account was made without interactive authentication'),
    (error: unknown) => {
      if (error instanceof MatrixFailure && error.status === 401) return error.body.session ?? null
      throw error
    },
  )
  return sessionOf(server, await attempt({ auth: { type: 'm.login.dummy', session } }))
}

/** Logs in another device of an account that `register` made. */
export async function login(server: TestServer, localpart: string): Promise<Session> {
  const body = { type: 'm.login.password', identifier: { type: 'm.id.user', user: localpart }, password }
  const attempt = () => call<LoginResponse>(server, { method: 'POST', path: '/v3/login', body })
  return sessionOf(server, (await persist(attempt)).result)
}

function sessionOf(server: TestServer, response: LoginResponse): Session {
  const { user_id: userId, device_id: deviceId, access_token: token } = response
  return { server, userId, deviceId, token }
}

/** Transaction ids that nobody else uses. */
export function transactionIds(): () => string {
  const prefix = randomBytes(6).toString('hex')
  let last = 0
  return () => {
    last += 1
    return `${prefix}.${last}`
  }
}
