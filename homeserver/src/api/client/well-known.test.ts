import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestServer } from '../test-server.ts'

test('clients are sent to the configured address, or to the one they used', async () => {
  const path = '/.well-known/matrix/client'
  await using alpha = await startTestServer()
  assert.deepEqual(await alpha.nobody.must('GET', path), { 'm.homeserver': { base_url: alpha.url } })
  await using beta = await startTestServer({ config: { publicUrl: 'https://matrix.beta.test' } })
  assert.deepEqual(await beta.nobody.must('GET', path), {
    'm.homeserver': { base_url: 'https://matrix.beta.test' },
  })
})

test('servers are sent to a public address with TLS, and otherwise left to find us by name', async () => {
  const path = '/.well-known/matrix/server'
  await using alpha = await startTestServer()
  await alpha.nobody.refused(['GET', path], 404, 'M_NOT_FOUND')
  await using beta = await startTestServer({ config: { publicUrl: 'https://matrix.beta.test' } })
  assert.deepEqual(await beta.nobody.must('GET', path), { 'm.server': 'matrix.beta.test:443' })
})

test('versions and capabilities are told', async () => {
  await using alpha = await startTestServer()
  const { versions } = await alpha.nobody.must('GET', '/_matrix/client/versions')
  assert.ok(Array.isArray(versions) && versions.includes('v1.1') && versions.includes('v1.19'))
  const alice = await alpha.register('alice')
  const { capabilities } = await alice.must('GET', 'capabilities')
  assert.match(
    JSON.stringify(capabilities),
    /"m\.room_versions":\{"default":"12","available":\{"1":"stable".*"12":"stable","org\.matrix\.msc3757\.10":"unstable"\}/,
  )
})
