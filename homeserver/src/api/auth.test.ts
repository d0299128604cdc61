import assert from 'node:assert/strict'
import test from 'node:test'
import { endpoint } from '@kith/spec/api/endpoint'
import type { JsonObject } from '@kith/spec/json'
import Type from 'typebox'
import { restrictAccount } from '../domain/accounts/sessions.ts'
import { routes } from './routes.ts'
import { serve } from './serve.ts'
import { TestPerson } from './test-person.ts'
import { startTestServer } from './test-server.ts'

/** Every path of every contract, with something in place of the parameters. */
const paths = routes.flatMap(({ contract }) =>
  [contract.path, ...contract.aliases].map((path) => ({ contract, path: path.replaceAll(/\{\w+\}/g, 'x') })),
)
const demanding = paths.filter(({ contract }) => contract.auth === 'user' || contract.auth === 'admin')

const holding = (url: string, accessToken: string) =>
  new TestPerson(url, { accessToken, userId: '', deviceId: '' })

test('U1: without a token every route that needs one answers 401 M_MISSING_TOKEN', async () => {
  await using alpha = await startTestServer()
  assert.ok(demanding.length > 10)
  for (const { contract, path } of demanding) {
    await alpha.nobody.refused([contract.method, path], 401, 'M_MISSING_TOKEN')
  }
})

test('U1: a bad token is 401 M_UNKNOWN_TOKEN on every route that may have one', async () => {
  await using alpha = await startTestServer()
  const stranger = holding(alpha.url, 'made-up')
  const allowing = paths.filter(({ contract }) => contract.auth === 'optional')
  for (const { contract, path } of [...demanding, ...allowing]) {
    await stranger.refused([contract.method, path], 401, 'M_UNKNOWN_TOKEN')
  }
})

test('F1: without a signature every route for servers answers 401 M_UNAUTHORIZED', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  for (const { contract, path } of paths.filter((each) => each.contract.auth === 'server')) {
    await alice.refused([contract.method, path], 401, 'M_UNAUTHORIZED')
  }
})

test('U1: a locked account gets M_USER_LOCKED with soft_logout everywhere, and can still log out', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  await alice.must('GET', 'account/whoami')
  const user = await alpha.server.interning.users.number(alpha.database, alice.userId)
  await restrictAccount(alpha.server, user, { isLocked: true })
  for (const { contract, path } of demanding) {
    if (contract.path.includes('/logout')) continue
    const body = await alice.refused([contract.method, path], 401, 'M_USER_LOCKED')
    assert.equal(body.soft_logout, true)
  }
  await restrictAccount(alpha.server, user, { isLocked: false })
  await alice.must('GET', 'account/whoami')
  await restrictAccount(alpha.server, user, { isLocked: true })
  await alice.must('POST', 'logout')
})

test('U1: a locked account can neither sign in nor refresh', async () => {
  await using alpha = await startTestServer()
  const made = await alpha.nobody.must('POST', 'register', {
    username: 'alice',
    password: 'password of alice',
    refresh_token: true,
    auth: { type: 'm.login.dummy' },
  })
  const user = await alpha.server.interning.users.number(alpha.database, '@alice:alpha.test')
  await restrictAccount(alpha.server, user, { isLocked: true })
  const login = { type: 'm.login.password', user: 'alice', password: 'password of alice' }
  await alpha.nobody.refused(['POST', 'login', login], 401, 'M_USER_LOCKED')
  const refresh = { refresh_token: String(made.refresh_token) }
  await alpha.nobody.refused(['POST', 'refresh', refresh], 401, 'M_USER_LOCKED')
})

test('U1: a suspended account reads and leaves, and does nothing that others see', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const user = await alpha.server.interning.users.number(alpha.database, alice.userId)
  await restrictAccount(alpha.server, user, { isSuspended: true })
  const forbidden = /\/(createRoom|ban|invite|join|knock|kick|send|state|profile|directory)(\/|$)/
  for (const { contract, path } of demanding) {
    if (contract.method === 'GET' || !forbidden.test(contract.path)) continue
    await alice.refused([contract.method, path], 403, 'M_USER_SUSPENDED')
  }
  await alice.must('GET', 'account/whoami')
  await alice.must('PUT', `devices/${alice.deviceId}`, { display_name: 'still mine' })
  await alice.must('POST', 'logout')
})

test('U1: a suspended account takes back what it said itself, and nothing that others said', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const { room_id: roomId } = await bob.must('POST', 'createRoom', { preset: 'public_chat' })
  const room = `rooms/${encodeURIComponent(String(roomId))}`
  const levels = { ...(await bob.must('GET', `${room}/state/m.room.power_levels/`)), redact: 0 }
  await bob.must('PUT', `${room}/state/m.room.power_levels/`, levels)
  await alice.must('POST', `join/${encodeURIComponent(String(roomId))}`, {})
  const say = (person: TestPerson) => person.must('PUT', `${room}/send/m.room.message/1`, { body: 'hello' })
  const [own, other] = [await say(alice), await say(bob)]
  const user = await alpha.server.interning.users.number(alpha.database, alice.userId)
  await restrictAccount(alpha.server, user, { isSuspended: true })
  await alice.refused(['PUT', `${room}/redact/${other.event_id}/2`, {}], 403, 'M_USER_SUSPENDED')
  await alice.refused(['PUT', `${room}/redact/$nothing/3`, {}], 403, 'M_USER_SUSPENDED')
  await alice.must('PUT', `${room}/redact/${own.event_id}/4`, {})
})

test('U1: a deactivated account has no token left and cannot sign in', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: 'alice' },
    password: 'password of alice',
  }
  const { session } = (await alice.call('POST', 'account/deactivate', { body: {} })).body
  await alice.must('POST', 'account/deactivate', { auth: { ...auth, session } as JsonObject })
  for (const { contract, path } of demanding) {
    await alice.refused([contract.method, path], 401, 'M_UNKNOWN_TOKEN')
  }
  await alpha.nobody.refused(['POST', 'login', auth], 403, 'M_FORBIDDEN')
})

const adminOnly = serve(
  endpoint({
    method: 'POST',
    path: '/_matrix/client/v3/admin-only',
    spec: '',
    auth: 'admin',
    rate: 'none',
    returns: Type.Object({}),
  }),
  async () => ({}),
)

test('D1: administration is for administrators, by the Authorization header only', async () => {
  await using alpha = await startTestServer({ routes: [adminOnly] })
  const alice = await alpha.register('alice')
  await alice.refused(['POST', 'admin-only'], 403, 'M_FORBIDDEN')
  const user = await alpha.server.interning.users.number(alpha.database, alice.userId)
  await alpha.database.query({
    text: 'update accounts set is_admin = true where user_number = $1',
    values: [user],
  })
  const admin = await alpha.nobody.logIn('alice')
  await admin.must('POST', 'admin-only')
  const inAddress = `admin-only?access_token=${admin.accessToken}`
  await alpha.nobody.refused(['POST', inAddress], 401, 'M_MISSING_TOKEN')
  const headers = { cookie: `access_token=${admin.accessToken}`, 'content-type': 'text/plain' }
  assert.equal((await alpha.nobody.call('POST', 'admin-only', { headers })).status, 401)
})

test('old clients may put the token into the address', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const answer = await alpha.nobody.must('GET', `account/whoami?access_token=${alice.accessToken}`)
  assert.equal(answer.user_id, alice.userId)
})
