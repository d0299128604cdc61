import assert from 'node:assert/strict'
import test from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import { openLog } from '../../log/open-log.ts'
import { memoryBus } from '../../platform/bus.ts'
import { sessionKind } from '../../storage/session-changes.ts'
import { loginBody, passwordOf, type TestPerson } from '../test-person.ts'
import { startTestServer } from '../test-server.ts'

/** Confirms by password what was asked first without. */
async function confirmed(
  person: TestPerson,
  [method, path, body]: [string, string, JsonObject],
  name: string,
): Promise<JsonObject> {
  const asked = await person.call(method, path, { body })
  assert.equal(asked.status, 401)
  assert.deepEqual(asked.body.flows, [{ stages: ['m.login.password'] }])
  const auth = { ...loginBody(name), session: String(asked.body.session) }
  return person.must(method, path, { ...body, auth })
}

const ended = (person: TestPerson) => person.refused(['GET', 'account/whoami'], 401, 'M_UNKNOWN_TOKEN')

test('devices are listed, read and named by their user only', async () => {
  await using alpha = await startTestServer()
  const phone = await alpha.register('alice', { device_id: 'PHONE' })
  await alpha.nobody.logIn('alice', { device_id: 'LAPTOP', initial_device_display_name: 'Laptop' })
  const bob = await alpha.register('bob', { device_id: 'BOB' })
  await phone.must('PUT', 'devices/PHONE', { display_name: 'My\0 phone' })
  const { devices } = await phone.must('GET', 'devices')
  assert.deepEqual(devices, [
    { device_id: 'LAPTOP', display_name: 'Laptop' },
    { device_id: 'PHONE', display_name: 'My phone' },
  ])
  await bob.refused(['GET', 'devices/PHONE'], 404, 'M_NOT_FOUND')
  await bob.refused(['PUT', 'devices/PHONE', { display_name: 'x' }], 404, 'M_NOT_FOUND')
  await phone.refused(['PUT', 'devices/PHONE', { display_name: 'x'.repeat(1025) }], 400, 'M_INVALID_PARAM')
})

test('when and from where a device was last seen is written down', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice', { device_id: 'PHONE' })
  await alice.must('GET', 'account/whoami')
  await alpha.server.accounts.sightings.flush()
  const device = await alice.must('GET', 'devices/PHONE')
  assert.equal(device.last_seen_ip, '127.0.0.1')
  assert.ok(Math.abs(Number(device.last_seen_ts) - Date.now()) < 60_000)
})

test('U6: logging out ends the device and its token at once, and no other', async () => {
  await using alpha = await startTestServer()
  const phone = await alpha.register('alice', { device_id: 'PHONE' })
  const laptop = await alpha.nobody.logIn('alice', { device_id: 'LAPTOP' })
  await phone.must('GET', 'account/whoami')
  await phone.must('POST', 'logout')
  await ended(phone)
  const { devices } = await laptop.must('GET', 'devices')
  assert.deepEqual(devices, [{ device_id: 'LAPTOP' }])
})

test('U6: logging out everywhere ends all devices of the user, and of nobody else', async () => {
  await using alpha = await startTestServer()
  const phone = await alpha.register('alice')
  const laptop = await alpha.nobody.logIn('alice')
  const bob = await alpha.register('bob')
  await phone.must('POST', 'logout/all')
  await ended(phone)
  await ended(laptop)
  await bob.must('GET', 'account/whoami')
})

test('U6: deleting a device needs the password, and ends its tokens', async () => {
  await using alpha = await startTestServer()
  const phone = await alpha.register('alice', { device_id: 'PHONE' })
  const laptop = await alpha.nobody.logIn('alice', { device_id: 'LAPTOP' })
  const tablet = await alpha.nobody.logIn('alice', { device_id: 'TABLET' })
  const asked = await phone.call('DELETE', 'devices/LAPTOP')
  const wrong = { ...loginBody('alice', { password: 'wrong' }), session: String(asked.body.session) }
  const refused = await phone.call('DELETE', 'devices/LAPTOP', { body: { auth: wrong } })
  assert.deepEqual([refused.status, refused.body.errcode], [401, 'M_FORBIDDEN'])
  assert.equal(refused.body.session, asked.body.session, 'the same session may try again')
  await laptop.must('GET', 'account/whoami')
  await confirmed(phone, ['DELETE', 'devices/LAPTOP', {}], 'alice')
  await ended(laptop)
  await confirmed(phone, ['POST', 'delete_devices', { devices: ['TABLET', 'NONE', 'a\0b'] }], 'alice')
  await ended(tablet)
  await phone.refused(['GET', 'devices/TABLET'], 404, 'M_NOT_FOUND')
})

test('U6: a new password ends the other devices, unless asked not to', async () => {
  await using alpha = await startTestServer()
  const phone = await alpha.register('alice', { device_id: 'PHONE' })
  const laptop = await alpha.nobody.logIn('alice', { device_id: 'LAPTOP' })
  const keep = { new_password: passwordOf('alice'), logout_devices: false }
  await confirmed(phone, ['POST', 'account/password', keep], 'alice')
  await laptop.must('GET', 'account/whoami')
  await confirmed(phone, ['POST', 'account/password', { new_password: 'another' }], 'alice')
  await ended(laptop)
  await phone.must('GET', 'account/whoami')
  await alpha.nobody.refused(['POST', 'login', loginBody('alice')], 403, 'M_FORBIDDEN')
  await alpha.nobody.logIn('alice', { password: 'another' })
  await phone.refused(['POST', 'account/password', { new_password: '' }], 400, 'M_WEAK_PASSWORD')
})

test('U6: deactivation ends everything, and the name is never free again', async () => {
  await using alpha = await startTestServer()
  const phone = await alpha.register('alice')
  const laptop = await alpha.nobody.logIn('alice')
  const answer = await confirmed(phone, ['POST', 'account/deactivate', {}], 'alice')
  assert.deepEqual(answer, { id_server_unbind_result: 'no-support' })
  await ended(phone)
  await ended(laptop)
  await alpha.nobody.refused(['POST', 'login', loginBody('alice')], 403, 'M_FORBIDDEN')
  await alpha.nobody.refused(['GET', 'register/available?username=alice'], 400, 'M_USER_IN_USE')
  const rows = await alpha.database.query({
    text: 'select 1 from tokens union all select 1 from devices',
    values: [],
  })
  assert.deepEqual(rows, [])
})

test('deactivation leaves the rooms and declines the invites', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const joined = String((await bob.must('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  const invited = String((await bob.must('POST', 'createRoom', { invite: [alice.userId] })).room_id)
  await alice.must('POST', `join/${encodeURIComponent(joined)}`, {})
  await confirmed(alice, ['POST', 'account/deactivate', {}], 'alice')
  for (const room of [joined, invited]) {
    const path = `rooms/${encodeURIComponent(room)}/state/m.room.member/${encodeURIComponent(alice.userId)}`
    assert.equal((await bob.must('GET', path)).membership, 'leave')
  }
})

test('U6: what the log says of another process ends sessions that are remembered here', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice', { device_id: 'PHONE' })
  await alice.must('GET', 'account/whoami')
  const user = await alpha.server.interning.users.number(alpha.database, alice.userId)
  const other = await openLog({ database: alpha.database, bus: memoryBus() })
  other.register(sessionKind)
  await other.commit({
    transactionKeys: [],
    changes: [{ kind: sessionKind.kind, user, payload: { user, endDevices: ['PHONE'] } }],
  })
  await other.stop()
  await alpha.server.log.tail.refresh()
  await ended(alice)
})
