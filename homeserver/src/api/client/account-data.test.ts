import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import { startTestServer } from '../test-server.ts'
import { createRoom, Syncer } from './test-syncer.ts'

test('account data comes back as it was set, of all rooms and of one, also in the next sync', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const room = await createRoom(alice)
  const syncer = new Syncer(alice)
  await syncer.sync()
  const mine = `user/${alice.userId}`
  const content = { deep: [1.5, { '\u0000': 'x', toString: 1 }] }
  await alice.must('PUT', `${mine}/account_data/test.type`, content)
  await alice.must('PUT', `${mine}/rooms/${room}/account_data/m.tag`, {
    tags: { 'm.favourite': { order: 0.25 } },
  })
  assert.deepEqual(await alice.must('GET', `${mine}/account_data/test.type`), content)
  const synced = await syncer.sync()
  assert.deepEqual(synced.account_data.events, [{ type: 'test.type', content }])
  assert.deepEqual(syncer.room(synced, room).account_data?.events, [
    { type: 'm.tag', content: { tags: { 'm.favourite': { order: 0.25 } } } },
  ])
  await alice.refused(['GET', `${mine}/account_data/none`], 404, 'M_NOT_FOUND')
  await alice.refused(['PUT', `user/@bob:alpha.test/account_data/x`, {}], 403, 'M_FORBIDDEN')
})

test('what the server controls is not set as account data', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const room = await createRoom(alice)
  for (const type of ['m.push_rules', 'm.fully_read']) {
    await alice.refused(['PUT', `user/${alice.userId}/account_data/${type}`, {}], 405, 'M_BAD_JSON')
    await alice.refused(
      ['PUT', `user/${alice.userId}/rooms/${room}/account_data/${type}`, {}],
      405,
      'M_BAD_JSON',
    )
  }
})

test('U10: account data, filters and profiles have their limits', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const mine = `user/${alice.userId}`
  const profile = `profile/${alice.userId}`
  const large = 'x'.repeat(66_000)
  await alice.refused(['PUT', `${mine}/account_data/test`, { large }], 413, 'M_TOO_LARGE')
  await alice.refused(['PUT', `${mine}/account_data/${'x'.repeat(256)}`, {}], 400, 'M_INVALID_PARAM')
  await alice.refused(['POST', `${mine}/filter`, { event_fields: [large] }], 400, 'M_INVALID_PARAM')
  await alice.refused(['PUT', `${profile}/org.test`, { 'org.test': large }], 400, 'M_PROFILE_TOO_LARGE')
  const key = 'x'.repeat(256)
  await alice.refused(['PUT', `${profile}/${key}`, { [key]: 'x' }], 400, 'M_KEY_TOO_LARGE')
  for (const avatar_url of ['https://x.test/a', 'mxc://', 'mxc://x', 'mxc://x/../y', 'mxc://x y/z']) {
    await alice.refused(['PUT', `${profile}/avatar_url`, { avatar_url }], 400, 'M_INVALID_PARAM')
  }
})

test('a profile is seen by anybody, and shown in the rooms of its owner', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const room = await createRoom(alice, { preset: 'public_chat' })
  const syncer = new Syncer(alice)
  await syncer.sync()
  const profile = `profile/${alice.userId}`
  await alice.must('PUT', `${profile}/displayname`, { displayname: 'Alice' })
  await alice.must('PUT', `${profile}/avatar_url`, { avatar_url: 'mxc://alpha.test/abc' })
  await alice.must('PUT', `${profile}/org.test`, { 'org.test': { deep: [1] } })
  assert.deepEqual(await alpha.nobody.must('GET', profile), {
    displayname: 'Alice',
    avatar_url: 'mxc://alpha.test/abc',
    'org.test': { deep: [1] },
  })
  assert.deepEqual(await bob.must('GET', `${profile}/displayname`), { displayname: 'Alice' })
  await syncer.sync()
  const member = syncer.stateOf(room).get(`m.room.member|${alice.userId}`)
  assert.deepEqual([member?.displayname, member?.avatar_url], ['Alice', 'mxc://alpha.test/abc'])
  await alice.must('DELETE', `${profile}/displayname`)
  await syncer.sync()
  assert.equal(syncer.stateOf(room).get(`m.room.member|${alice.userId}`)?.displayname, undefined)
  await bob.refused(['PUT', `${profile}/displayname`, { displayname: 'Mallory' }], 403, 'M_FORBIDDEN')
  await bob.refused(['GET', 'profile/@nobody:alpha.test'], 404, 'M_NOT_FOUND')
})

test('push rules are the defaults, and what was changed of them reaches the next sync', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const syncer = new Syncer(alice)
  const rulesIn = ({ account_data }: Awaited<ReturnType<Syncer['sync']>>) =>
    account_data.events.find(({ type }) => type === 'm.push_rules')?.content
  const first = rulesIn(await syncer.sync())
  assert.deepEqual(first, await alice.must('GET', 'pushrules/'))
  await alice.must('PUT', 'pushrules/global/override/.m.rule.master/enabled', { enabled: true })
  const second = rulesIn(await syncer.sync()) as { global: { override: JsonObject[] } }
  assert.equal(second.global.override[0]?.enabled, true)
  assert.deepEqual(await alice.must('GET', `user/${alice.userId}/account_data/m.push_rules`), second)
})

test('P2: a bad push rule is refused', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const rule = (id: string) => `pushrules/global/content/${encodeURIComponent(id)}`
  const body = { actions: ['notify'], pattern: 'x' }
  await alice.refused(['PUT', rule('.m.rule.mine'), body], 400, 'M_INVALID_PARAM')
  await alice.refused(['PUT', rule('a/b'), body], 400, 'M_INVALID_PARAM')
  await alice.refused(['PUT', `${rule('a')}?before=none`, body], 400, 'M_INVALID_PARAM')
  await alice.refused(['PUT', rule('a'), { actions: ['explode'], pattern: 'x' }], 400, 'M_INVALID_PARAM')
  await alice.refused(['PUT', 'pushrules/global/strange/a', body], 400, 'M_INVALID_PARAM')
  await alice.refused(['GET', rule('none')], 404, 'M_NOT_FOUND')
  await alice.refused(['DELETE', rule('none')], 404, 'M_NOT_FOUND')
})
