import assert from 'node:assert/strict'
import test from 'node:test'
import { loginBody, passwordOf } from '../test-person.ts'
import { startTestServer } from '../test-server.ts'

test('a user signs in by localpart or by whole id, in the new form and in the old', async () => {
  await using alpha = await startTestServer()
  await alpha.register('alice')
  assert.equal((await alpha.nobody.logIn('alice')).userId, '@alice:alpha.test')
  const whole = { identifier: { type: 'm.id.user', user: '@alice:alpha.test' } }
  assert.equal((await alpha.nobody.logIn('alice', whole)).userId, '@alice:alpha.test')
  const old = { type: 'm.login.password', user: 'alice', password: passwordOf('alice') }
  assert.equal((await alpha.nobody.must('POST', 'login', old)).user_id, '@alice:alpha.test')
})

test('U2: unknown users, wrong passwords and deactivated accounts get one and the same answer', async () => {
  await using alpha = await startTestServer()
  await alpha.register('alice')
  const gone = await alpha.register('gone')
  const auth = { ...loginBody('gone') }
  await gone.must('POST', 'account/deactivate', { auth })
  const tries = [
    loginBody('nobody'),
    loginBody('alice', { password: 'wrong' }),
    loginBody('alice', { password: '' }),
    loginBody('alice', { password: passwordOf('alice').padEnd(600) }),
    loginBody('gone'),
    loginBody('@alice:beta.test'),
    loginBody('al\0ice'),
    loginBody('alice', { identifier: { type: 'm.id.thirdparty', medium: 'email', address: 'a@b.c' } }),
  ]
  const bodies = new Set<string>()
  for (const body of tries)
    bodies.add(JSON.stringify(await alpha.nobody.refused(['POST', 'login', body], 403, 'M_FORBIDDEN')))
  assert.equal(bodies.size, 1)
})

test('U2: an unknown user takes as much hashing as a wrong password', async () => {
  await using alpha = await startTestServer()
  await alpha.register('alice')
  const { passwords } = alpha.server.accounts
  let verified = 0
  alpha.server.accounts.passwords = {
    ...passwords,
    verify: (password, stored) => {
      verified += 1
      return passwords.verify(password, stored)
    },
  }
  for (const name of ['alice', 'nobody', '@x:beta.test']) {
    await alpha.nobody.call('POST', 'login', { body: loginBody(name, { password: 'wrong' }) })
  }
  assert.equal(verified, 3)
})

test('what is missing or unknown in a login is said', async () => {
  await using alpha = await startTestServer()
  const password = { type: 'm.login.password' }
  await alpha.nobody.refused(['POST', 'login', { type: 'im.unheard.of' }], 400, 'M_UNKNOWN')
  await alpha.nobody.refused(['POST', 'login', { ...password, user: 'alice' }], 400, 'M_MISSING_PARAM')
  await alpha.nobody.refused(['POST', 'login', { ...password, password: 'x' }], 400, 'M_MISSING_PARAM')
  await alpha.register('alice')
  for (const deviceId of ['', 'a\0b', 'x'.repeat(256)]) {
    await alpha.nobody.refused(
      ['POST', 'login', loginBody('alice', { device_id: deviceId })],
      400,
      'M_INVALID_PARAM',
    )
  }
  const name = { initial_device_display_name: 'x'.repeat(1025) }
  await alpha.nobody.refused(['POST', 'login', loginBody('alice', name)], 400, 'M_INVALID_PARAM')
})

test('U3: after ten wrong passwords an account waits, from wherever; another account does not', async () => {
  let now = Date.now()
  await using alpha = await startTestServer({ config: { rateLimits: true }, clock: { now: () => now } })
  await alpha.register('alice')
  await alpha.register('bob')
  const wrong = loginBody('alice', { password: 'wrong' })
  for (let i = 0; i < 10; i++) await alpha.nobody.refused(['POST', 'login', wrong], 403, 'M_FORBIDDEN')
  const answer = await alpha.nobody.call('POST', 'login', { body: loginBody('alice') })
  assert.deepEqual([answer.status, answer.body.errcode], [429, 'M_LIMIT_EXCEEDED'])
  assert.ok(Number(answer.headers.get('retry-after')) >= 1)
  await alpha.nobody.logIn('bob')
  now += Number(answer.body.retry_after_ms)
  await alpha.nobody.logIn('alice')
})

test('U3: an address that tries many accounts waits', async () => {
  await using alpha = await startTestServer({ config: { rateLimits: true } })
  const statuses: number[] = []
  for (let i = 0; i < 40; i++) {
    statuses.push((await alpha.nobody.call('POST', 'login', { body: loginBody(`user${i}`) })).status)
  }
  assert.equal(statuses[0], 403)
  assert.equal(statuses.at(-1), 429)
})

test('signing in on a device again ends the tokens that it had', async () => {
  await using alpha = await startTestServer()
  const first = await alpha.register('alice', { device_id: 'PHONE', initial_device_display_name: 'Phone' })
  await first.must('GET', 'account/whoami')
  const second = await alpha.nobody.logIn('alice', {
    device_id: 'PHONE',
    initial_device_display_name: 'New name',
  })
  await first.refused(['GET', 'account/whoami'], 401, 'M_UNKNOWN_TOKEN')
  const { devices } = await second.must('GET', 'devices')
  assert.deepEqual(devices, [{ device_id: 'PHONE', display_name: 'Phone' }])
})

test('U5: access tokens are random and long, and only their hashes are stored', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const token = String(alice.accessToken)
  assert.ok(Buffer.from(token, 'base64url').length >= 32)
  const rows = await alpha.database.query<{ text: string }>({
    text: 'select tokens::text as text from tokens',
    values: [],
  })
  assert.equal(rows.length, 1)
  const stored = rows[0]?.text ?? ''
  assert.ok(!stored.includes(token) && !stored.includes(Buffer.from(token).toString('hex')))
})

test('U6: a login that was checked against the old password does not survive its change', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const { accounts } = alpha.server
  const { verify } = accounts.passwords
  accounts.passwords = {
    ...accounts.passwords,
    async verify(password, stored) {
      const isRight = await verify(password, stored)
      accounts.passwords.verify = verify
      const auth = loginBody('alice')
      await alice.must('POST', 'account/password', { new_password: 'another', auth })
      return isRight
    },
  }
  await alpha.nobody.refused(['POST', 'login', loginBody('alice')], 403, 'M_FORBIDDEN')
})
