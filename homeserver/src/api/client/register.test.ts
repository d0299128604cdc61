import assert from 'node:assert/strict'
import test from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import { passwordOf } from '../test-person.ts'
import { startTestServer } from '../test-server.ts'

const dummy = { type: 'm.login.dummy' }

test('registering asks for confirmation, then makes an account that can be used at once', async () => {
  await using alpha = await startTestServer()
  const request = {
    username: 'alice',
    password: 'secret',
    device_id: 'PHONE',
    initial_device_display_name: 'Phone',
  }
  const asked = await alpha.nobody.call('POST', 'register', { body: request })
  assert.equal(asked.status, 401)
  assert.deepEqual(asked.body.flows, [{ stages: ['m.login.dummy'] }])
  const auth = { ...dummy, session: String(asked.body.session) }
  const made = await alpha.nobody.must('POST', 'register', { ...request, auth })
  assert.equal(made.user_id, '@alice:alpha.test')
  assert.equal(made.device_id, 'PHONE')
  const authorization = `Bearer ${made.access_token}`
  const { body } = await alpha.nobody.call('GET', 'account/whoami', { headers: { authorization } })
  assert.deepEqual(body, { user_id: '@alice:alpha.test', device_id: 'PHONE', is_guest: false })
})

test('inhibit_login makes an account without a session, and a name is made up when none is given', async () => {
  await using alpha = await startTestServer()
  const made = await alpha.nobody.must('POST', 'register', {
    password: 'x',
    inhibit_login: true,
    auth: dummy,
  })
  assert.match(String(made.user_id), /^@user\d+:alpha\.test$/)
  assert.equal(made.access_token, undefined)
  assert.equal(made.device_id, undefined)
})

test('while registration is closed nobody can register or ask for names', async () => {
  await using alpha = await startTestServer({ config: { registration: 'closed' } })
  await alpha.nobody.refused(
    ['POST', 'register', { username: 'alice', password: 'x', auth: dummy }],
    403,
    'M_FORBIDDEN',
  )
  await alpha.nobody.refused(['GET', 'register/available?username=alice'], 403, 'M_FORBIDDEN')
})

test('U7: of many who register one name at the same time, one gets it', async () => {
  await using alpha = await startTestServer()
  const tries = Array.from({ length: 8 }, (_, index) =>
    alpha.nobody.call('POST', 'register', {
      body: { username: 'alice', password: `p${index}`, auth: dummy },
    }),
  )
  const answers = await Promise.all(tries)
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(7).fill(400)])
  for (const { status, body } of answers) if (status !== 200) assert.equal(body.errcode, 'M_USER_IN_USE')
  await alpha.nobody.refused(['GET', 'register/available?username=Alice'], 400, 'M_USER_IN_USE')
})

test('U7: reserved names are M_EXCLUSIVE, bad names M_INVALID_USERNAME, before any confirmation', async () => {
  await using alpha = await startTestServer()
  const register = (username: string) =>
    ['POST', 'register', { username, password: 'x' }] as [string, string, JsonObject]
  await alpha.nobody.refused(register('_bridge_alice'), 400, 'M_EXCLUSIVE')
  const bad = ['', 'a b', 'a:b', '@alice', 'älice', 'a\0b', 'a\n', 'a'.repeat(250), '😀', 'a?', 'a#b']
  for (const name of bad) await alpha.nobody.refused(register(name), 400, 'M_INVALID_USERNAME')
  const good = ['q', '3', 'a.b', 'a_b', 'a=b', 'a-b', 'a/b', 'a+b', 'ALICE']
  for (const name of good) {
    const made = await alpha.nobody.must('POST', 'register', { username: name, password: 'x', auth: dummy })
    assert.equal(made.user_id, `@${name.toLowerCase()}:alpha.test`)
  }
})

test('U2: a password is not empty and has at most 512 bytes', async () => {
  await using alpha = await startTestServer()
  const register = (password: string) => ({ username: 'alice', password, auth: dummy })
  await alpha.nobody.refused(['POST', 'register', register('')], 400, 'M_WEAK_PASSWORD')
  await alpha.nobody.refused(['POST', 'register', register('ü'.repeat(257))], 400, 'M_INVALID_PARAM')
  await alpha.nobody.refused(['POST', 'register', { username: 'alice', auth: dummy }], 400, 'M_MISSING_PARAM')
  await alpha.nobody.must('POST', 'register', register('ü'.repeat(256)))
})

test('U4: another body, another operation, a made-up or a used session confirm nothing', async () => {
  await using alpha = await startTestServer()
  const body = { username: 'alice', password: 'one' }
  const asked = await alpha.nobody.call('POST', 'register', { body })
  const auth = { ...dummy, session: String(asked.body.session) }
  const notConfirmed = async (request: { username: string; password: string; auth: JsonObject }) => {
    const answer = await alpha.nobody.call('POST', 'register', { body: request })
    assert.equal(answer.status, 401)
    assert.deepEqual(answer.body.flows, [{ stages: ['m.login.dummy'] }])
  }
  await notConfirmed({ ...body, password: 'two', auth })
  await notConfirmed({ ...body, username: 'mallory', auth })
  await notConfirmed({ ...body, auth: { ...dummy, session: 'made up' } })
  await notConfirmed({ ...body, auth: { type: 'm.login.password', session: auth.session, password: 'x' } })
  await notConfirmed({ ...body, auth: { session: auth.session } })
  assert.equal((await alpha.nobody.must('GET', 'register/available?username=alice')).available, true)
  await alpha.nobody.must('POST', 'register', { ...body, auth })
  await alpha.nobody.refused(['POST', 'register', { ...body, auth }], 400, 'M_USER_IN_USE')
})

test('U4: a session of one operation does not confirm another, nor the request of another user', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice', { device_id: 'ONE' })
  const bob = await alpha.register('bob', { device_id: 'ONE' })
  const asked = await alice.call('DELETE', 'devices/ONE', { body: {} })
  const session = String(asked.body.session)
  const password = (name: string) => ({
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: name },
    password: passwordOf(name),
    session,
  })
  const refusals = [
    await alice.call('DELETE', 'devices/TWO', { body: { auth: password('alice') } }),
    await alice.call('POST', 'account/deactivate', { body: { auth: password('alice') } }),
    await bob.call('DELETE', 'devices/ONE', { body: { auth: password('bob') } }),
    await alice.call('DELETE', 'devices/ONE', { body: { auth: password('bob') } }),
    await alice.call('DELETE', 'devices/ONE', { body: { auth: { type: 'm.login.dummy', session } } }),
  ]
  for (const { status, body } of refusals) {
    assert.equal(status, 401)
    assert.deepEqual(body.flows, [{ stages: ['m.login.password'] }])
  }
  await alice.must('GET', 'devices/ONE')
  await bob.must('GET', 'devices/ONE')
})

test('U2: no password is in the rows of interactive authentication', async () => {
  await using alpha = await startTestServer()
  await alpha.nobody.call('POST', 'register', { body: { username: 'alice', password: 'planted' } })
  const [row] = await alpha.database.query<{ text: string }>({
    text: 'select interactive_auth::text as text from interactive_auth',
    values: [],
  })
  assert.ok(row)
  assert.doesNotMatch(row.text, /planted/)
})
