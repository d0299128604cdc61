import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { loginBody, passwordOf } from './test-person.ts'
import { startTestServer } from './test-server.ts'

test('O6: no secret is in the log, whatever happens to the requests that hold them', async () => {
  const config = { registrationSharedSecret: 'planted shared secret' }
  await using alpha = await startTestServer({ config })
  const alice = await alpha.register('alice', { refresh_token: true })
  const made = await alpha.nobody.must('POST', 'login', loginBody('alice', { refresh_token: true }))
  await alpha.nobody.call('POST', 'login', {
    body: loginBody('alice', { password: 'planted wrong password' }),
  })
  await alpha.nobody.call('POST', 'login', { body: '{"password": "planted in no JSON", ' })
  await alpha.nobody.call('GET', `account/whoami?access_token=${alice.accessToken}`)
  await alpha.nobody.call('GET', 'devices/planted%20in%20path?planted=in%20query')
  await alice.call('PUT', 'devices/X', { body: { display_name: 'planted name' } })
  await alpha.nobody.must('POST', 'refresh', { refresh_token: String(made.refresh_token) })
  const { nonce } = await alpha.nobody.must('GET', '/_synapse/admin/v1/register')
  const mac = createHmac('sha1', config.registrationSharedSecret).update('x').digest('hex')
  const request = { nonce: String(nonce), username: 'bob', password: 'planted by admin', mac }
  await alpha.nobody.call('POST', '/_synapse/admin/v1/register', { body: request })
  await alpha.database.query({ text: 'drop table tokens', values: [] })
  assert.equal((await alpha.nobody.call('POST', 'login', { body: loginBody('alice') })).status, 500)

  const log = alpha.logged.join('')
  assert.match(log, /"status":500/)
  const secrets = [
    alice.accessToken,
    made.access_token,
    made.refresh_token,
    nonce,
    mac,
    passwordOf('alice'),
    'planted',
  ]
  for (const secret of secrets) assert.ok(!log.includes(String(secret)), `the log has ${secret}`)
})
