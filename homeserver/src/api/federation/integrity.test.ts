import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventIdOf, hasValidHash } from '@kith/spec/events/event-id'
import type { Pdu, RoomEvent } from '@kith/spec/events/pdu'
import type { JsonObject } from '@kith/spec/json'
import { TestMember } from '../../domain/federation/test-member.ts'
import { nodeCrypto } from '../../platform/crypto.ts'
import { type PeerScene, setPeerScene } from './test-peer-scene.ts'

let alpha: PeerScene['alpha']
let alice: PeerScene['alice']
let peer: PeerScene['peer']
setPeerScene(180, (scene) => {
  ;({ alpha, alice, peer } = scene)
})

interface Scene {
  eve: TestMember
  room: string
}

async function scene(name = 'eve'): Promise<Scene> {
  const options = { preset: 'public_chat', power_level_content_override: { state_default: 0, events: {} } }
  const { room_id: roomId } = await alice.must('POST', 'createRoom', options)
  const eve = new TestMember(peer, alpha.url, name)
  await eve.join(String(roomId))
  return { eve, room: encodeURIComponent(String(roomId)) }
}

async function storedText(eventId: string): Promise<string> {
  const rows = await alpha.database.query<{ pdu: Buffer }>({
    text: `select pdu from events where position(convert_to($1, 'UTF8') in pdu) > 0`,
    values: [eventId],
  })
  return rows[0]?.pdu.toString() ?? ''
}

/** Looks at an event by every path by which clients and servers read it. */
async function isReadWhole({ eve, room }: Scene, event: RoomEvent): Promise<void> {
  const { content, type, state_key: key } = event.pdu
  const asText = JSON.stringify(content)
  const got = await alice.must('GET', `rooms/${room}/event/${event.eventId}`)
  assert.deepEqual([JSON.stringify(got.content), got.type, got.state_key], [asText, type, key])
  for (const path of [
    `rooms/${room}/messages?dir=b&limit=5`,
    `rooms/${room}/context/${event.eventId}`,
    'sync',
  ]) {
    assert.ok(JSON.stringify(await alice.must('GET', path)).includes(asText), path)
  }
  const { body } = await eve.call('GET', `v1/event/${event.eventId}`)
  const [pdu] = body.pdus as Pdu[]
  assert.ok(pdu && hasValidHash(pdu, nodeCrypto))
  assert.equal(eventIdOf(pdu, eve.rules, nodeCrypto), event.eventId)
  assert.equal(JSON.stringify(pdu.content), asText)
}

test('J6: what we say after the greatest depth has that depth, too', async () => {
  const { eve, room } = await scene()
  await eve.taken(eve.next({ depth: Number.MAX_SAFE_INTEGER }))
  for (const txn of ['one', 'two']) {
    const { event_id: id } = await alice.must('PUT', `rooms/${room}/send/m.room.message/${txn}`, {
      body: txn,
    })
    assert.equal((await alpha.server.events.one(String(id)))?.pdu.depth, Number.MAX_SAFE_INTEGER)
  }
  await eve.taken(eve.event({ depth: Number.MAX_SAFE_INTEGER }))
})

test('J7: a NUL from another server is kept and shown as it came, wherever it stands', async () => {
  const here = await scene()
  const { eve, room } = here
  const root = eve.next()
  await eve.taken(root)
  const relation = { event_id: root.eventId, key: 'a\0b', rel_type: 'm.annotation' }
  const events = [
    eve.next({ type: 'org.example\0', stateKey: '\0', content: { '\0': 'a\0b' } }),
    eve.next({ type: 'm.reaction', content: { 'm.relates_to': relation } }),
    eve.next({ content: { 'm.relates_to': { ...relation, rel_type: 'org.\0' } } }),
    eve.next({
      type: 'm.room.member',
      stateKey: eve.userId,
      content: { displayname: 'E\0ve', membership: 'join' },
    }),
    eve.next({ type: 'm.room.name', stateKey: '', content: { name: 'Na\0me' } }),
  ]
  for (const event of events) {
    await eve.taken(event)
    await isReadWhole(here, event)
  }
  await alice.must('GET', `rooms/${room}/joined_members`)
  await alice.must('GET', `/_matrix/client/v1/rooms/${room}/relations/${root.eventId}`)
})

test('J8: events are stored as the bytes that are signed, in the order of code points', async () => {
  const here = await scene()
  const content = { '10': 1, '9': 2, é: 3, '\u{1f600}': 4, '\uffff': 5, A: { b: 1, a: '\u2028' } }
  const event = here.eve.next({ type: 'org.example', stateKey: 'j8', content })
  await here.eve.taken(event)
  const stored = await storedText('"state_key":"j8"')
  const canonical = '{"10":1,"9":2,"A":{"a":"\u2028","b":1},"é":3,"\uffff":5,"\u{1f600}":4}'
  assert.ok(stored.includes(`"content":${canonical}`), stored)
  const { body } = await here.eve.call('GET', `v1/event/${event.eventId}`)
  assert.ok(hasValidHash((body.pdus as Pdu[])[0] as Pdu, nodeCrypto))
  const columns = await alpha.database.query({
    text: `select from information_schema.columns where table_schema = current_schema() and data_type = 'jsonb'`,
    values: [],
  })
  assert.equal(columns.length, 0)
})

test('J9: what another server names like a member of every object is a name like any other', async () => {
  const here = await scene('__proto__')
  const { eve, room } = here
  const content = JSON.parse('{"__proto__":{"a":1},"constructor":{"name":"x"},"toString":null}') as JsonObject
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const event = eve.next({ type: name, stateKey: name, content })
    await eve.taken(event)
    await isReadWhole(here, event)
    const state = await alice.call('GET', `rooms/${room}/state/${name}/${name}`)
    assert.equal(JSON.stringify(state.body), JSON.stringify(content))
  }
  const members = await alice.must('GET', `rooms/${room}/joined_members`)
  assert.deepEqual(Object.keys(members.joined as JsonObject).sort(), [eve.userId, alice.userId].sort())
  const typing = { edu_type: 'm.typing', content: { room_id: eve.roomId, user_id: eve.userId, typing: true } }
  const receipt = JSON.parse(`{"${eve.roomId}":{"m.read":{"__proto__":{}},"__proto__":{"${eve.userId}":{}}}}`)
  assert.equal((await eve.send([], [typing, { edu_type: 'm.receipt', content: receipt }])).status, 200)
  await alice.must('GET', 'sync')
  const key = '"signatures":{"__proto__":{"constructor":"AA"},'
  const signedByMore = JSON.stringify(eve.next().pdu).replace('"signatures":{', key)
  assert.deepEqual(Object.values(await eve.outcomes(signedByMore)), [{}])
})

test('A10: knocks and leaves are taken under their own ids, and from the server of their sender', async () => {
  const other = encodeURIComponent((await scene()).eve.roomId)
  const { room_id: roomId } = await alice.must('POST', 'createRoom', {
    preset: 'public_chat',
    initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
  })
  const room = encodeURIComponent(String(roomId))
  const eve = new TestMember(peer, alpha.url)
  for (const [kind, door] of [
    ['knock', 'v1/send_knock'],
    ['leave', 'v2/send_leave'],
  ] as const) {
    const event = await eve.fromTemplate(kind, String(roomId))
    const body = event.pdu as JsonObject
    const made = {
      type: 'm.room.member',
      content: { membership: kind },
      auth: event.pdu.auth_events as string[],
    }
    const stranger = eve.event({ ...made, sender: '@eve:other.test', stateKey: '@eve:other.test' })
    const notOfSender = eve.event({ ...made, stateKey: `@mallory:${peer.name}` })
    const message = eve.event({ ...made, type: 'm.room.message', stateKey: eve.userId })
    const { signatures: _, ...bare } = event.pdu
    const refusals: [path: string, body: JsonObject, status: number, code: string][] = [
      [`${other}/${event.eventId}`, body, 400, 'M_INVALID_PARAM'],
      [`${room}/$${'A'.repeat(43)}`, body, 400, 'M_INVALID_PARAM'],
      [`${room}/${notOfSender.eventId}`, notOfSender.pdu as JsonObject, 400, 'M_INVALID_PARAM'],
      [`${room}/${message.eventId}`, message.pdu as JsonObject, 400, 'M_INVALID_PARAM'],
      [`${room}/${stranger.eventId}`, stranger.pdu as JsonObject, 403, 'M_FORBIDDEN'],
      [`${room}/${event.eventId}`, { ...bare, signatures: {} } as JsonObject, 403, 'M_FORBIDDEN'],
    ]
    for (const [path, refused, status, code] of refusals) {
      await eve.refused(['PUT', `${door}/${path}`, refused], status, code)
    }
    assert.equal((await eve.call('PUT', `${door}/${room}/${event.eventId}`, body)).status, 200, door)
  }
})

test('A6: what is soft-failed is state for what builds on it, goes through resolution, and is shown to no client', async () => {
  const { eve, room } = await scene()
  const mallory = new TestMember(peer, alpha.url, 'mallory')
  await mallory.join(eve.roomId)
  await alice.must('POST', `rooms/${room}/ban`, { user_id: eve.userId })
  // She pretends not to know of it; her neighbour builds on that.
  const sly = eve.next({ type: 'org.example', stateKey: 'sly', prev: mallory.latest, depth: 50 })
  await eve.taken(sly)
  const after = mallory.next({ prev: [sly.eventId], depth: 51 })
  await mallory.taken(after)
  const { body } = await mallory.call('GET', `v1/state_ids/${room}?event_id=${after.eventId}`)
  assert.ok((body.pdu_ids as string[]).includes(sly.eventId))
  await alice.refused(['GET', `rooms/${room}/state/org.example/sly`], 404, 'M_NOT_FOUND')
  const shown = [`rooms/${room}/messages?dir=b&limit=100`, `rooms/${room}/state`, 'sync']
  for (const path of shown) {
    const text = JSON.stringify(await alice.must('GET', path))
    assert.ok(!text.includes(sly.eventId), path)
    assert.ok(path.endsWith('state') || text.includes(after.eventId), path)
  }
  await alice.refused(['GET', `rooms/${room}/event/${sly.eventId}`], 404, 'M_NOT_FOUND')
  const said = await alice.must('PUT', `rooms/${room}/send/m.room.message/after`, { body: 'after' })
  const prev = (await alpha.server.events.one(String(said.event_id)))?.pdu.prev_events ?? []
  assert.ok(prev.includes(after.eventId) && !prev.includes(sly.eventId))
})
