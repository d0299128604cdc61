import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Pdu } from '@kith/spec/events/pdu'
import type { JsonObject } from '@kith/spec/json'
import { TestMember } from '../../domain/federation/test-member.ts'
import { peerTrustingClient, type TestPeer, testPeer } from '../../domain/federation/test-peer.ts'
import { systemClock } from '../../platform/clock.ts'
import type { TestPerson } from '../test-person.ts'
import { startTestServer, type TestServer } from '../test-server.ts'

let alpha: TestServer
let alice: TestPerson
let peer: TestPeer
let outsider: TestPeer
before(async () => {
  alpha = await startTestServer({ parts: peerTrustingClient() })
  alice = await alpha.register('alice')
  peer = await testPeer(135, systemClock)
  outsider = await testPeer(136, systemClock)
})
after(async () => {
  await alpha[Symbol.asyncDispose]()
  await peer[Symbol.asyncDispose]()
  await outsider[Symbol.asyncDispose]()
})

const path = (roomId: string) => encodeURIComponent(roomId)

async function roomOf(options: JsonObject = {}): Promise<string> {
  const { room_id: roomId } = await alice.must('POST', 'createRoom', { preset: 'public_chat', ...options })
  return String(roomId)
}

let sent = 0
async function say(roomId: string, text: string): Promise<string> {
  const message = { msgtype: 'm.text', body: text }
  const { event_id: id } = await alice.must(
    'PUT',
    `rooms/${path(roomId)}/send/m.room.message/${sent++}`,
    message,
  )
  return String(id)
}

const reads = (roomId: string, event: string): [method: string, path: string, body?: JsonObject][] => [
  ['GET', `v1/state/${path(roomId)}?event_id=${event}`],
  ['GET', `v1/state_ids/${path(roomId)}?event_id=${event}`],
  ['GET', `v1/event_auth/${path(roomId)}/${event}`],
  ['GET', `v1/backfill/${path(roomId)}?v=${event}&limit=5`],
  ['POST', `v1/get_missing_events/${path(roomId)}`, { earliest_events: [], latest_events: [event] }],
]

test('F6: a server outside a room learns nothing of it, not even whether it exists', async () => {
  const roomId = await roomOf()
  const said = await say(roomId, 'secret')
  const stranger = new TestMember(outsider, alpha.url)
  const nowhere = '!nowhere:other.test'
  for (const [index, request] of reads(roomId, said).entries()) {
    const real = await stranger.call(...request)
    const unreal = await stranger.call(...(reads(nowhere, said)[index] as typeof request))
    assert.equal(real.status, 403)
    assert.deepEqual(real, unreal)
  }
  const missing = await stranger.call('GET', `v1/event/$${'A'.repeat(43)}`)
  assert.equal(missing.status, 404)
  assert.deepEqual(await stranger.call('GET', `v1/event/${said}`), missing)
})

test('F6: an event of another room is as one that does not exist', async () => {
  const roomId = await roomOf()
  const eve = new TestMember(peer, alpha.url)
  await eve.join(roomId)
  const elsewhere = await say(await roomOf(), 'elsewhere')
  const nothing = `$${'A'.repeat(43)}`
  for (const [index, request] of reads(roomId, elsewhere).entries()) {
    const found = await eve.call(...request)
    const { origin_server_ts: _, ...comparable } = found.body
    const absent = await eve.call(...(reads(roomId, nothing)[index] as typeof request))
    const { origin_server_ts: __, ...expected } = absent.body
    assert.equal(found.status, absent.status)
    assert.deepEqual(comparable, expected)
    if (index < 3) assert.equal(found.status, 404)
  }
})

test('F6: what was said before a server came is told redacted where history is for who was there', async () => {
  const roomId = await roomOf()
  const visibility = (value: string) =>
    alice.must('PUT', `rooms/${path(roomId)}/state/m.room.history_visibility`, { history_visibility: value })
  const open = await say(roomId, 'open')
  await visibility('joined')
  const hidden = await say(roomId, 'hidden')
  const eve = new TestMember(peer, alpha.url)
  await eve.join(roomId)
  const shown = await say(roomId, 'shown')
  const bodyOf = async (id: string) => {
    const { body } = await eve.call('GET', `v1/event/${id}`)
    return (body.pdus as Pdu[])[0]?.content.body
  }
  assert.deepEqual(
    [await bodyOf(open), await bodyOf(hidden), await bodyOf(shown)],
    ['open', undefined, 'shown'],
  )
  const { body } = await eve.call('GET', `v1/backfill/${path(roomId)}?v=${shown}&limit=100`)
  const bodies = (body.pdus as Pdu[])
    .filter(({ type }) => type === 'm.room.message')
    .map(({ content }) => content.body)
  assert.deepEqual(bodies, ['shown', undefined, 'open'])
})

test('history is told back from an event, or between two, within limits', async () => {
  const roomId = await roomOf()
  const eve = new TestMember(peer, alpha.url)
  await eve.join(roomId)
  const first = eve.latest[0] as string
  const texts = ['a', 'b', 'c', 'd']
  const ids: string[] = []
  for (const text of texts) ids.push(await say(roomId, text))
  const last = ids.at(-1) as string
  const bodies = (pdus: unknown) => (pdus as Pdu[]).map(({ content }) => content.body)
  const back = await eve.call('GET', `v1/backfill/${path(roomId)}?v=${last}&limit=3`)
  assert.deepEqual(bodies(back.body.pdus), ['d', 'c', 'b'])
  const between = (more: JsonObject = {}) =>
    eve.call('POST', `v1/get_missing_events/${path(roomId)}`, {
      earliest_events: [first],
      latest_events: [last],
      ...more,
    })
  assert.deepEqual(bodies((await between()).body.events), ['a', 'b', 'c'])
  assert.deepEqual(bodies((await between({ limit: 2 })).body.events), ['b', 'c'])
  const { body } = await eve.call('GET', `v1/event/${ids[2]}`)
  const min_depth = (body.pdus as Pdu[])[0]?.depth as number
  assert.deepEqual(bodies((await between({ min_depth })).body.events), ['c'])
  const none = await eve.call('GET', `v1/backfill/${path(roomId)}?v=${last}&limit=0`)
  assert.deepEqual(none.body.pdus, [])
  await eve.refused(['GET', `v1/backfill/${path(roomId)}?v=${last}&limit=-1`], 400, 'M_INVALID_PARAM')
})

test('the state before an event is told whole, by ids too, with its authority', async () => {
  const roomId = await roomOf({ name: 'First' })
  const eve = new TestMember(peer, alpha.url)
  await eve.join(roomId)
  const said = await say(roomId, 'then')
  await alice.must('PUT', `rooms/${path(roomId)}/state/m.room.name`, { name: 'Second' })
  const state = await eve.call('GET', `v1/state/${path(roomId)}?event_id=${said}`)
  const pdus = state.body.pdus as Pdu[]
  assert.deepEqual(pdus.find(({ type }) => type === 'm.room.name')?.content, { name: 'First' })
  const ids = await eve.call('GET', `v1/state_ids/${path(roomId)}?event_id=${said}`)
  assert.equal((ids.body.pdu_ids as string[]).length, pdus.length)
  assert.equal((ids.body.auth_chain_ids as string[]).length, (state.body.auth_chain as Pdu[]).length)
  const chain = await eve.call('GET', `v1/event_auth/${path(roomId)}/${said}`)
  assert.ok((chain.body.auth_chain as Pdu[]).some(({ type }) => type === 'm.room.power_levels'))
})

test('F11: profiles and aliases are told of local names alone', async () => {
  await roomOf({ room_alias_name: 'told' })
  const stranger = new TestMember(outsider, alpha.url)
  await alice.must('PUT', `profile/${alice.userId}/displayname`, { displayname: 'Alice' })
  const profile = (query: string) => stranger.call('GET', `v1/query/profile?${query}`)
  assert.deepEqual((await profile(`user_id=${alice.userId}`)).body, { displayname: 'Alice' })
  assert.deepEqual((await profile(`user_id=${alice.userId}&field=displayname`)).body, {
    displayname: 'Alice',
  })
  assert.deepEqual((await profile(`user_id=${alice.userId}&field=avatar_url`)).body, {})
  for (const user of ['@nobody:alpha.test', '@alice:other.test']) {
    const request: [string, string] = ['GET', `v1/query/profile?user_id=${user}`]
    await stranger.refused(request, 404, 'M_NOT_FOUND')
  }
  const directory = (alias: string) => `v1/query/directory?room_alias=${encodeURIComponent(alias)}`
  const { status, body } = await stranger.call('GET', directory('#told:alpha.test'))
  assert.deepEqual([status, body.servers], [200, ['alpha.test']])
  for (const alias of ['#none:alpha.test', '#told:other.test']) {
    await stranger.refused(['GET', directory(alias)], 404, 'M_NOT_FOUND')
  }
})
