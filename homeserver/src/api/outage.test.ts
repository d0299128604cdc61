import assert from 'node:assert/strict'
import test from 'node:test'
import { databaseBehindProxy } from '../platform/test-database-proxy.ts'
import type { TestAnswer, TestPerson } from './test-person.ts'
import { startTestServer } from './test-server.ts'

const message = (room: unknown, id: string) => `rooms/${room}/send/m.room.message/${id}`
const body = { msgtype: 'm.text', body: 'hello' }

function assertUnavailable({ status, headers, body }: TestAnswer, expected = 503): void {
  assert.deepEqual([status, body.errcode], [expected, 'M_UNKNOWN'], JSON.stringify(body))
  assert.ok(Number(headers.get('retry-after')) > 0, 'the answer says when to come back')
}

/** How often a text stands among the latest messages of a room. */
async function countOf(person: TestPerson, room: unknown, eventId: unknown): Promise<number> {
  const { chunk } = await person.must('GET', `rooms/${room}/messages?dir=b&limit=100`)
  return (chunk as { event_id: string }[]).filter(({ event_id }) => event_id === eventId).length
}

/** Calls again and again until it is answered: what was under way when the connections broke may fail. */
async function untilAnswered(call: () => Promise<TestAnswer>): Promise<TestAnswer> {
  for (;;) {
    const answer = await call()
    if (answer.status === 200) return answer
    assertUnavailable(answer)
  }
}

test('O3: while the database is away reads and sign-ins are 503 with Retry-After, and then all is well again', async () => {
  await using database = await databaseBehindProxy()
  await using alpha = await startTestServer({ sharing: database })
  const alice = await alpha.register('alice')
  const { room_id: room } = await alice.must('POST', 'createRoom', {})
  database.goAway()
  assertUnavailable(await alice.call('GET', 'devices'))
  assertUnavailable(await alice.call('GET', `rooms/${room}/messages?dir=b`))
  assertUnavailable(await alice.call('POST', `user/${alice.userId}/filter`, { body: {} }))
  assertUnavailable(await alpha.nobody.call('POST', 'login', { body: loginOf('alice') }))
  const register = { username: 'bob', password: 'secret of bob', auth: { type: 'm.login.dummy' } }
  assertUnavailable(await alpha.nobody.call('POST', 'register', { body: register }))
  assert.equal((await alpha.nobody.call('GET', '/_matrix/client/versions')).status, 200)
  database.comeBack()
  await alice.must('GET', 'devices')
  await alice.must('PUT', message(room, '1'), body)
  await alpha.nobody.logIn('alice')
  await alpha.register('bob')
})

test('O3: what is sent while the database is away is written once it is back, and just once', async () => {
  await using database = await databaseBehindProxy()
  await using alpha = await startTestServer({ sharing: database })
  const alice = await alpha.register('alice')
  const { room_id: room } = await alice.must('POST', 'createRoom', {})
  await alice.must('PUT', message(room, 'first'), body)
  database.goAway()
  const sent = alice.call('PUT', message(room, 'second'), { body })
  // A read that failed says that the connections are gone for everyone.
  assertUnavailable(await alice.call('GET', 'devices'))
  database.comeBack()
  await sent
  const { body: retried } = await untilAnswered(() => alice.call('PUT', message(room, 'second'), { body }))
  assert.equal(await countOf(alice, room, retried.event_id), 1)
  const { chunk } = await alice.must('GET', `rooms/${room}/messages?dir=b&limit=2`)
  const [last, before] = chunk as { event_id: string; type: string }[]
  assert.equal(last?.event_id, retried.event_id)
  assert.equal(before?.type, 'm.room.message')
})

test('O3: a database that throws everybody out is back for the next call', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const { room_id: room } = await alice.must('POST', 'createRoom', {})
  const killer = await alpha.database.connect()
  await killer.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  )
  await killer.end()
  await untilAnswered(() => alice.call('GET', 'devices'))
  const { body: sent } = await untilAnswered(() => alice.call('PUT', message(room, '1'), { body }))
  assert.equal(await countOf(alice, room, sent.event_id), 1)
  await untilAnswered(() => alice.call('POST', `user/${alice.userId}/filter`, { body: {} }))
})

test('O3: with a full disk nothing is acknowledged, and what waits is written when there is room', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const { room_id: room } = await alice.must('POST', 'createRoom', {})
  await fillDisk(alpha.database, 'filters', 'log')
  assertUnavailable(await alice.call('POST', `user/${alice.userId}/filter`, { body: {} }), 507)
  let isAnswered = false
  const sent = alice.must('PUT', message(room, '1'), body).finally(() => {
    isAnswered = true
  })
  const tried = () => alpha.logged.some((line) => line.includes('a batch could not be committed'))
  while (!tried()) await alice.must('GET', 'devices')
  assert.equal(isAnswered, false)
  await alpha.database.query({ text: 'drop function fail_as_full cascade', values: [] })
  const { event_id } = await sent
  assert.equal(await countOf(alice, room, event_id), 1)
  await alice.must('POST', `user/${alice.userId}/filter`, {})
})

const loginOf = (user: string) => ({ type: 'm.login.password', user, password: `password of ${user}` })

/** Every insert into these tables fails as it does when the disk has no room left. */
async function fillDisk(
  database: { query(sql: { text: string; values: [] }): unknown },
  ...tables: string[]
) {
  const statements = [
    `create function fail_as_full() returns trigger language plpgsql as
     $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$`,
    ...tables.map(
      (table) => `create trigger full_disk before insert on ${table} execute function fail_as_full()`,
    ),
  ]
  for (const text of statements) await database.query({ text, values: [] })
}
