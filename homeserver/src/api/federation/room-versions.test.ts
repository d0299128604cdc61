import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { VerifyKey } from '@kith/spec/crypto'
import { buildEvent, countersign } from '@kith/spec/events/build'
import type { Pdu, RoomEvent } from '@kith/spec/events/pdu'
import { redact } from '@kith/spec/events/redaction'
import { referencesTo } from '@kith/spec/events/references'
import type { JsonObject } from '@kith/spec/json'
import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import { verifyJson } from '@kith/spec/signing'
import { parseJson } from '@kith/spec/strict-json'
import { TestMember } from '../../domain/federation/test-member.ts'
import { nodeCrypto } from '../../platform/crypto.ts'
import { type PeerScene, setPeerScene } from './test-peer-scene.ts'

let alpha: PeerScene['alpha']
let alice: PeerScene['alice']
let peer: PeerScene['peer']
setPeerScene(150, (scene) => {
  ;({ alpha, alice, peer } = scene)
})

const body = ({ pdu }: RoomEvent) => pdu as JsonObject
const at = (operation: string, { roomId, eventId }: RoomEvent) =>
  `${operation}/${encodeURIComponent(roomId)}/${encodeURIComponent(eventId)}`

async function roomOf(version: string): Promise<string> {
  const options = { preset: 'public_chat', room_version: version }
  return String((await alice.must('POST', 'createRoom', options)).room_id)
}

/** IDs of version 3 are made of the digits of Base64, of which `/` is one. */
async function withSlash(
  make: () => Promise<RoomEvent> | RoomEvent,
  rules: RoomVersionRules,
): Promise<RoomEvent> {
  for (;;) {
    const event = await make()
    if (rules.eventId !== 'hash' || event.eventId.includes('/')) return event
  }
}

for (const [version, rules] of roomVersions) {
  test(`one of another server comes, speaks, takes it back and goes, in a room of version ${version}`, async () => {
    const roomId = await roomOf(version)
    const eve = new TestMember(peer, alpha.url)
    const join = await withSlash(() => eve.fromTemplate('join', roomId), rules)
    const answer = await eve.joinBy(join)
    assert.deepEqual((answer.event as Pdu).signatures, join.pdu.signatures)
    const member = await alice.must(
      'GET',
      `rooms/${encodeURIComponent(roomId)}/state/m.room.member/${eve.userId}`,
    )
    assert.equal(member.membership, 'join')
    const spoken = await withSlash(() => eve.event({ content: { body: Math.random().toString(36) } }), rules)
    await eve.taken(spoken)
    eve.latest = [spoken.eventId]
    eve.depth++
    const target = { redacts: spoken.eventId }
    const named = rules.redactsInContent ? { content: target } : { content: {}, more: target }
    await eve.taken(eve.next({ type: 'm.room.redaction', ...named }))
    assert.deepEqual((await alpha.server.events.one(spoken.eventId))?.pdu.content, {})
    const told = await eve.call('GET', `v1/event/${encodeURIComponent(spoken.eventId)}`)
    assert.deepEqual((told.body.pdus as Pdu[])[0]?.content, {})
    const leave = await withSlash(() => eve.fromTemplate('leave', roomId), rules)
    assert.deepEqual(await eve.call('PUT', at('v2/send_leave', leave), body(leave)), {
      status: 200,
      body: {},
    })
  })
}

for (const [version, rules] of roomVersions) {
  const wanted = rules.strictJson ? 'refused' : 'taken'
  test(`J2: a join with numbers that are no integers is ${wanted} in a room of version ${version}`, async () => {
    const roomId = await roomOf(version)
    const eve = new TestMember(peer, alpha.url, `eve${version}`)
    const lenient = { ...rules, strictJson: false }
    const template = await eve.fromTemplate('join', roomId)
    const content = parseJson('{"membership":"join","half":0.5,"whole":5.0}', 'exact') as JsonObject
    const { hashes: _, signatures: __, event_id: ___, ...bare } = template.pdu
    const join = buildEvent(
      { ...bare, content },
      { rules: lenient, serverName: peer.name, key: peer.key, crypto: nodeCrypto },
    )
    const request = ['PUT', at('v2/send_join', join), JSON.stringify(join.pdu)] as const
    if (rules.strictJson) return await eve.refused([...request], 400, 'M_BAD_JSON')
    const { status, body: answer } = await eve.call(...request)
    assert.equal(status, 200, JSON.stringify(answer))
    const { pdu } = (await alpha.server.events.one(join.eventId)) as RoomEvent
    assert.match(JSON.stringify(pdu.content), /"half":0\.5,"whole":5\.0/)
  })
}

test('J2: numbers that a new room refuses stay behind in an upgrade, and levels are rounded as they were read', async () => {
  const roomId = await roomOf('5')
  const eve = new TestMember(peer, alpha.url)
  await eve.join(roomId)
  const at = (rest: string) => `rooms/${encodeURIComponent(roomId)}/${rest}`
  const levels = await alice.must('GET', at('state/m.room.power_levels'))
  const users = { [alice.userId]: 100, [eve.userId]: 100 }
  await alice.must('PUT', at('state/m.room.power_levels'), { ...levels, users })
  const current = await alpha.server.rooms.head(
    (await alpha.server.events.one(eve.latest[0] as string))?.room ?? 0,
  )
  assert.ok(current)
  const [last] = current.extremities.values()
  const create = await alice.must('GET', at('state/m.room.create?format=event'))
  const joined = eve.latest[0] as string
  const named = (event: RoomEvent) => [String(create.event_id), event.eventId, joined]
  eve.auth = named(last as RoomEvent)
  eve.latest = [(last as RoomEvent).eventId]
  const topic = parseJson('{"topic":"half","at":0.5}', 'exact') as JsonObject
  const half = parseJson(`{"ban":60.7,"users":${JSON.stringify(users)},"other":0.5}`, 'exact') as JsonObject
  await eve.taken(eve.next({ type: 'm.room.topic', stateKey: '', content: topic }))
  await eve.taken(eve.next({ type: 'm.room.power_levels', stateKey: '', content: half }))
  const { replacement_room: replacement } = await alice.must('POST', at('upgrade'), { new_version: '11' })
  const state = `rooms/${encodeURIComponent(String(replacement))}/state`
  await alice.refused(['GET', `${state}/m.room.topic`], 404, 'M_NOT_FOUND')
  assert.deepEqual(await alice.must('GET', `${state}/m.room.power_levels`), { ban: 60, users })
})

let rooms = 0

/** An invite to a room of the peer's. */
function inviteTo(rules: RoomVersionRules): RoomEvent {
  const context = { rules, serverName: peer.name, key: peer.key, crypto: nodeCrypto }
  const common = { sender: `@eve:${peer.name}`, origin_server_ts: Date.now(), auth_events: [] }
  const room_id = `!r${rooms++}:${peer.name}`
  const before = buildEvent(
    { ...common, type: 'm.room.message', room_id, content: {}, depth: 1, prev_events: [] },
    context,
  )
  return buildEvent(
    {
      ...common,
      type: 'm.room.member',
      room_id,
      state_key: alice.userId,
      content: { membership: 'invite' },
      depth: 2,
      prev_events: referencesTo([before], rules, nodeCrypto),
    },
    context,
  )
}

const isSigned = (pdu: Pdu, rules: RoomVersionRules, { name, key }: { name: string; key: VerifyKey }) =>
  verifyJson(redact(pdu, rules) as JsonObject, name, key, nodeCrypto)

for (const [version, rules] of roomVersions) {
  if (rules.privilegedCreators) continue
  const wanted = rules.eventId === 'given' ? 'signed' : 'refused'
  test(`an invite by the first version of the operation is ${wanted} for a room of version ${version}`, async () => {
    const eve = new TestMember(peer, alpha.url)
    const invite = inviteTo(rules)
    const state = [{ type: 'm.room.name', state_key: '', sender: eve.userId, content: { name: 'Old' } }]
    const given = { ...body(invite), unsigned: { invite_room_state: state } }
    const request = ['PUT', at('v1/invite', invite), given] as const
    if (wanted === 'refused') return await eve.refused([...request], 400, 'M_INVALID_PARAM')
    const { status, body: answer } = await eve.call(...request)
    assert.equal(status, 200, JSON.stringify(answer))
    const [code, { event }] = answer as unknown as [number, { event: Pdu }]
    assert.equal(code, 200)
    assert.ok(isSigned(event, rules, { name: 'alpha.test', key: alpha.server.signingKey('alpha.test') }))
    const { rooms } = (await alice.must('GET', 'sync')) as { rooms: { invite: Record<string, JsonObject> } }
    assert.match(JSON.stringify(rooms.invite[invite.roomId]), /"name":"Old"/)
    const again = await eve.call('PUT', at('v2/invite', invite), {
      room_version: version,
      event: body(invite),
    })
    assert.equal(again.status, 200)
  })
}

for (const [version, rules] of roomVersions) {
  const isFirst = rules.eventId === 'given'
  test(`whose server knows the first version of invites only is ${isFirst ? '' : 'not '}invited to a room of version ${version}`, async () => {
    const roomId = await roomOf(version)
    peer.requests.length = 0
    peer.answer = ({ target, body }) => {
      if (!target.includes('/v1/invite/')) return { status: 404, json: { errcode: 'M_UNRECOGNIZED' } }
      const { unsigned, ...pdu } = JSON.parse(body) as Pdu
      assert.ok(JSON.stringify(unsigned?.invite_room_state).includes('m.room.create'))
      const event = { eventId: pdu.event_id ?? '', roomId, pdu: pdu as Pdu }
      const signed = countersign(event, { rules, serverName: peer.name, key: peer.key })
      return { json: [200, { event: signed.pdu as JsonObject }] }
    }
    const guest = `@guest:${peer.name}`
    const path = `rooms/${encodeURIComponent(roomId)}`
    const answer = await alice.call('POST', `${path}/invite`, { body: { user_id: guest } })
    assert.equal(answer.status, isFirst ? 200 : 404, JSON.stringify(answer.body))
    const asked = peer.requests.map(({ target }) => target).filter((target) => target.includes('/invite/'))
    assert.equal(asked.length, isFirst ? 2 : 1)
    if (!isFirst) return
    const event = await alice.must('GET', `${path}/state/m.room.member/${guest}?format=event`)
    const { pdu } = (await alpha.server.events.one(String(event.event_id))) as RoomEvent
    assert.ok(isSigned(pdu, rules, peer))
  })
}
