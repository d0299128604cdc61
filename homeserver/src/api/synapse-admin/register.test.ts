import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import { startTestServer, type TestServer } from '../test-server.ts'

const path = '/_synapse/admin/v1/register'
const config = { registrationSharedSecret: 'shared', registration: 'closed' as const }

const mac = (parts: string[], secret = 'shared') =>
  createHmac('sha1', secret).update(parts.join('\0')).digest('hex')

const nonceOf = async (alpha: TestServer) => String((await alpha.nobody.must('GET', path)).nonce)

test('D1: who knows the shared secret makes accounts, administrators too, while registration is closed', async () => {
  await using alpha = await startTestServer({ config })
  const nonce = await nonceOf(alpha)
  const made = await alpha.nobody.must('POST', path, {
    nonce,
    username: 'alice',
    password: 'x',
    admin: true,
    displayname: 'Alice A.',
    mac: mac([nonce, 'alice', 'x', 'admin']),
  })
  assert.equal(made.user_id, '@alice:alpha.test')
  const authorization = `Bearer ${made.access_token}`
  const { body } = await alpha.nobody.call('GET', 'profile/@alice:alpha.test', { headers: { authorization } })
  assert.deepEqual(body, { displayname: 'Alice A.' })
  assert.deepEqual(await alpha.database.query({ text: 'select is_admin from accounts', values: [] }), [
    { is_admin: true },
  ])
})

test('D1: a nonce is good for one try within a minute', async () => {
  let now = Date.now()
  await using alpha = await startTestServer({ config, clock: { now: () => now } })
  const request = (nonce: string, username: string) => ({
    nonce,
    username,
    password: 'x',
    mac: mac([nonce, username, 'x', 'notadmin']),
  })
  const nonce = await nonceOf(alpha)
  await alpha.nobody.must('POST', path, request(nonce, 'alice'))
  await alpha.nobody.refused(['POST', path, request(nonce, 'bob')], 403, 'M_FORBIDDEN')
  await alpha.nobody.refused(['POST', path, request('made up', 'bob')], 403, 'M_FORBIDDEN')
  const late = await nonceOf(alpha)
  now += 60_001
  await alpha.nobody.refused(['POST', path, request(late, 'bob')], 403, 'M_FORBIDDEN')
  const fresh = await nonceOf(alpha)
  await alpha.nobody.must('POST', path, request(fresh, 'bob'))
})

test('D1: a wrong MAC, or one over other values, makes nothing and uses the nonce up', async () => {
  await using alpha = await startTestServer({ config })
  const wrong = [
    (nonce: string) => mac([nonce, 'alice', 'x', 'notadmin'], 'guess'),
    (nonce: string) => mac([nonce, 'alice', 'x', 'notadmin']).slice(0, -2),
    (nonce: string) => mac([nonce, 'alice', 'y', 'notadmin']),
    () => '',
    () => 'zz',
  ]
  for (const make of wrong) {
    const nonce = await nonceOf(alpha)
    const request = { nonce, username: 'alice', password: 'x' }
    await alpha.nobody.refused(['POST', path, { ...request, mac: make(nonce) }], 403, 'M_FORBIDDEN')
    const right = mac([nonce, 'alice', 'x', 'notadmin'])
    await alpha.nobody.refused(['POST', path, { ...request, mac: right }], 403, 'M_FORBIDDEN')
  }
  const nonce = await nonceOf(alpha)
  const asAdmin = {
    nonce,
    username: 'alice',
    password: 'x',
    admin: true,
    mac: mac([nonce, 'alice', 'x', 'notadmin']),
  }
  await alpha.nobody.refused(['POST', path, asAdmin], 403, 'M_FORBIDDEN')
})

test('D1: without a shared secret the route does not exist', async () => {
  await using alpha = await startTestServer()
  await alpha.nobody.refused(['GET', path], 404, 'M_UNRECOGNIZED')
  const request = {
    nonce: 'x',
    username: 'alice',
    password: 'x',
    mac: mac(['x', 'alice', 'x', 'notadmin'], ''),
  }
  await alpha.nobody.refused(['POST', path, request], 404, 'M_UNRECOGNIZED')
})
