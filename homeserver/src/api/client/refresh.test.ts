import assert from 'node:assert/strict'
import test from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import { loginBody, TestPerson } from '../test-person.ts'
import { startTestServer, type TestServer } from '../test-server.ts'

interface Tokens {
  accessToken: string
  refreshToken: string
  expiresInMs: number
}

const tokens = (body: JsonObject): Tokens => ({
  accessToken: String(body.access_token),
  refreshToken: String(body.refresh_token),
  expiresInMs: Number(body.expires_in_ms),
})

async function signIn(alpha: TestServer): Promise<Tokens> {
  await alpha.register('alice')
  const body = loginBody('alice', { refresh_token: true, device_id: 'PHONE' })
  return tokens(await alpha.nobody.must('POST', 'login', body))
}

const refresh = async (alpha: TestServer, token: string) =>
  tokens(await alpha.nobody.must('POST', 'refresh', { refresh_token: token }))

const holder = (alpha: TestServer, { accessToken }: Tokens) =>
  new TestPerson(alpha.url, { accessToken, userId: '@alice:alpha.test', deviceId: 'PHONE' })

test('an access token that can be refreshed expires, softly, and the next one works', async () => {
  let now = Date.now()
  await using alpha = await startTestServer({ clock: { now: () => now } })
  const first = await signIn(alpha)
  await holder(alpha, first).must('GET', 'account/whoami')
  now += first.expiresInMs
  const body = await holder(alpha, first).refused(['GET', 'account/whoami'], 401, 'M_UNKNOWN_TOKEN')
  assert.equal(body.soft_logout, true)
  const second = await refresh(alpha, first.refreshToken)
  assert.equal((await holder(alpha, second).must('GET', 'account/whoami')).device_id, 'PHONE')
})

test('a refresh whose answer was lost can be repeated', async () => {
  await using alpha = await startTestServer()
  const first = await signIn(alpha)
  const lost = await refresh(alpha, first.refreshToken)
  const second = await refresh(alpha, first.refreshToken)
  await holder(alpha, second).must('GET', 'account/whoami')
  await holder(alpha, lost).refused(['GET', 'account/whoami'], 401, 'M_UNKNOWN_TOKEN')
})

test('U5: reuse of a refresh token after its successor was used ends all tokens of the device', async () => {
  await using alpha = await startTestServer()
  const first = await signIn(alpha)
  const second = await refresh(alpha, first.refreshToken)
  await holder(alpha, second).must('GET', 'account/whoami')
  await alpha.nobody.refused(
    ['POST', 'refresh', { refresh_token: first.refreshToken }],
    401,
    'M_UNKNOWN_TOKEN',
  )
  await holder(alpha, second).refused(['GET', 'account/whoami'], 401, 'M_UNKNOWN_TOKEN')
  await alpha.nobody.refused(
    ['POST', 'refresh', { refresh_token: second.refreshToken }],
    401,
    'M_UNKNOWN_TOKEN',
  )
})

test('U5: the same when its successor was itself refreshed', async () => {
  await using alpha = await startTestServer()
  const first = await signIn(alpha)
  const second = await refresh(alpha, first.refreshToken)
  const third = await refresh(alpha, second.refreshToken)
  await alpha.nobody.refused(
    ['POST', 'refresh', { refresh_token: first.refreshToken }],
    401,
    'M_UNKNOWN_TOKEN',
  )
  await alpha.nobody.refused(
    ['POST', 'refresh', { refresh_token: third.refreshToken }],
    401,
    'M_UNKNOWN_TOKEN',
  )
})

test('an old access token ends when the new one is used', async () => {
  await using alpha = await startTestServer()
  const first = await signIn(alpha)
  await holder(alpha, first).must('GET', 'account/whoami')
  const second = await refresh(alpha, first.refreshToken)
  await holder(alpha, second).must('GET', 'account/whoami')
  await holder(alpha, first).refused(['GET', 'account/whoami'], 401, 'M_UNKNOWN_TOKEN')
})

test('an access token is no refresh token, and a made-up one is unknown', async () => {
  await using alpha = await startTestServer()
  const first = await signIn(alpha)
  await alpha.nobody.refused(
    ['POST', 'refresh', { refresh_token: first.accessToken }],
    401,
    'M_UNKNOWN_TOKEN',
  )
  await alpha.nobody.refused(['POST', 'refresh', { refresh_token: 'made up' }], 401, 'M_UNKNOWN_TOKEN')
})
