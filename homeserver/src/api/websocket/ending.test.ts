import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import { deactivateAccount } from '../../domain/accounts/deactivate.ts'
import { callerByToken, restrictAccount } from '../../domain/accounts/sessions.ts'
import { memoryBus } from '../../platform/bus.ts'
import { databaseBehindProxy } from '../../platform/test-database-proxy.ts'
import { say } from '../client/test-syncer.ts'
import { loginBody, passwordOf, TestPerson } from '../test-person.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { startScene } from './test-scene.ts'
import { refusedUpgrade, TestSocket } from './test-socket.ts'

/** Confirms by password what was asked first without. */
async function confirmed(person: TestPerson, [method, path, body]: [string, string, JsonObject]) {
  const asked = await person.call(method, path, { body })
  const auth = { ...loginBody('ann'), session: String(asked.body.session) }
  await person.must(method, path, { ...body, auth })
}

const numberOf = ({ server, database }: TestServer, { userId }: TestPerson) =>
  server.interning.users.number(database, userId)

/** How Ann's phone is signed out: by itself, or by her laptop. */
const ends: [
  what: string,
  end: (alpha: TestServer, phone: TestPerson, laptop: TestPerson) => Promise<unknown>,
][] = [
  ['logging out', (_, phone) => phone.must('POST', 'logout', {})],
  [
    'deleting the device',
    (_, { deviceId }, laptop) => confirmed(laptop, ['DELETE', `devices/${deviceId}`, {}]),
  ],
  [
    'changing the password',
    (_, _phone, laptop) =>
      confirmed(laptop, ['POST', 'account/password', { new_password: `new ${passwordOf('ann')}` }]),
  ],
]

for (const [what, end] of ends) {
  test(`W2, U6: ${what} closes the sockets of that device at once with 4401, and no others`, async () => {
    await using scene = await startScene()
    const { alpha, ann: laptop, ben } = scene
    const phone = await alpha.nobody.logIn('ann')
    const [phones, again] = [await TestSocket.follow(phone), await TestSocket.follow(phone)]
    const others = [await TestSocket.follow(laptop), await TestSocket.follow(ben)]

    await end(alpha, phone, laptop)

    await phones.isClosed(4401, 'M_UNKNOWN_TOKEN')
    await again.isClosed(4401, 'M_UNKNOWN_TOKEN')
    for (const other of others) await other.ping()
  })
}

/** What ends all of Ann's sockets. */
const endsOfAll: [
  what: string,
  code: string,
  end: (alpha: TestServer, ann: TestPerson) => Promise<unknown>,
][] = [
  ['logging out everywhere', 'M_UNKNOWN_TOKEN', (_, ann) => ann.must('POST', 'logout/all', {})],
  [
    'deactivation',
    'M_UNKNOWN_TOKEN',
    async ({ server }, ann) =>
      deactivateAccount(server, (await callerByToken(server, ann.accessToken ?? '')).caller),
  ],
  [
    'a lock',
    'M_USER_LOCKED',
    async (alpha, ann) => restrictAccount(alpha.server, await numberOf(alpha, ann), { isLocked: true }),
  ],
]

for (const [what, code, end] of endsOfAll) {
  test(`W2, U6: ${what} closes all sockets of the user at once with 4401, and of nobody else`, async () => {
    await using scene = await startScene()
    const { alpha, ann, ben } = scene
    const sockets = [await TestSocket.follow(ann), await TestSocket.follow(await alpha.nobody.logIn('ann'))]
    const bens = await TestSocket.follow(ben)

    await end(alpha, ann)

    for (const socket of sockets) await socket.isClosed(4401, code)
    await bens.ping()
    const anew = await TestSocket.signIn(ann)
    await anew.isClosed(4401, code)
  })
}

test('W2: a suspended user may go on listening', async () => {
  await using scene = await startScene()
  const { alpha, ann, ben, room, text } = scene
  const anns = await TestSocket.follow(ann)
  await restrictAccount(alpha.server, await numberOf(alpha, ann), { isSuspended: true })

  await say(ben, room, 'hello')
  assert.deepEqual(await anns.readUntil('hello'), ['hello'])
  const { status, body } = await anns.ask('send', text('hi'))
  assert.deepEqual([status, body.errcode], [403, 'M_USER_SUSPENDED'])
})

test('W2: a logout on another process closes the socket here', async () => {
  const parts = { bus: memoryBus() }
  await using here = await startTestServer({ parts })
  await using there = await startTestServer({ parts, sharing: here.database })
  const ann = await here.register('ann')
  const anns = await TestSocket.follow(ann)
  const { accessToken, userId, deviceId } = ann
  const session = { accessToken: accessToken ?? '', userId, deviceId }

  await new TestPerson(there.url, session).must('POST', 'logout', {})

  await anns.isClosed(4401, 'M_UNKNOWN_TOKEN')
})

test('W2: a socket closes with 4401 when its token expires, softly', async () => {
  let ahead = 0
  const clock = { now: () => Date.now() + ahead }
  await using alpha = await startTestServer({ clock })
  await alpha.register('ann')
  const body = await alpha.nobody.must('POST', 'login', loginBody('ann', { refresh_token: true }))
  const session = { accessToken: String(body.access_token), userId: '', deviceId: '' }
  ahead = Number(body.expires_in_ms) - 1000

  const anns = await TestSocket.follow(new TestPerson(alpha.url, session))
  const error = await anns.isClosed(4401, 'M_UNKNOWN_TOKEN')

  assert.equal(error?.soft_logout, true)
})

test('a stop closes all sockets with 1012, lets what was asked be carried out, and refuses new ones', async () => {
  await using scene = await startScene()
  const { alpha, ann, ben, room, text } = scene
  const [anns, unknown] = [await TestSocket.follow(ann), await TestSocket.open(alpha.url)]
  const message = text('last words')
  anns.send({ type: 'request', id: '1', method: 'send', ...message })
  await anns.ping()

  await alpha.sockets.stop()

  await anns.isClosed(1012)
  await unknown.isClosed(1012)
  const refused = await refusedUpgrade(alpha.url)
  assert.deepEqual(refused, { status: 503, errcode: 'M_UNKNOWN', retryAfter: '5' })
  const { chunk } = await ben.must('GET', `rooms/${room}/messages?dir=b&limit=1`)
  assert.match(JSON.stringify(chunk), /last words/)
})

test('O3: while the database is away new sockets close with 1011, and afterwards all goes on', async () => {
  await using database = await databaseBehindProxy()
  await using scene = await startScene({ sharing: database })
  const { ann, text } = scene
  const anns = await TestSocket.follow(ann)
  database.goAway()

  const anew = await TestSocket.signIn(ann)
  const error = await anew.isClosed(1011, 'M_UNKNOWN')
  assert.ok(Number(error?.retry_after_ms) > 0, 'the error says when to come back')
  database.comeBack()

  const later = await TestSocket.follow(ann)
  assert.equal((await later.ask('send', text('here again'))).status, 200)
  assert.deepEqual(await anns.readUntil('here again'), ['here again'])
})

test('O6: no token is in the log, whatever becomes of its socket', async () => {
  await using scene = await startScene()
  const { alpha, ann, ben, room, text } = scene
  const planted = 'planted_token'
  const stranger = await TestSocket.open(alpha.url, {}, `?access_token=${planted}`)
  stranger.send({ type: 'auth', access_token: planted })
  await stranger.isClosed(4401, 'M_UNKNOWN_TOKEN')
  const odd = await TestSocket.open(alpha.url)
  odd.socket.send(`{"type":"auth","access_token":"${planted}"`)
  await odd.isClosed(4400, 'M_BAD_JSON')
  const anns = await TestSocket.follow(ann)
  await anns.ask('send', text('planted words'))
  await anns.ask('send', { ...text('planted words'), content: { planted: 1.5 } })
  await alpha.database.query({ text: 'drop table account_data', values: [] })
  const failed = await TestSocket.signIn(ben, { since: anns.since })
  await say(ann, room, 'planted words')
  await failed.closed

  const log = alpha.logged.join('')
  for (const secret of [ann.accessToken, ben.accessToken, 'planted']) {
    assert.ok(!log.includes(String(secret)), `the log has ${secret}`)
  }
})
