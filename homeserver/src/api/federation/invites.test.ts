import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildEvent } from '@kith/spec/events/build'
import type { Pdu, RoomEvent } from '@kith/spec/events/pdu'
import { redact } from '@kith/spec/events/redaction'
import type { JsonObject } from '@kith/spec/json'
import { defaultRoomVersion, type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import { signJson, verifyJson } from '@kith/spec/signing'
import { TestMember } from '../../domain/federation/test-member.ts'
import { testPeer } from '../../domain/federation/test-peer.ts'
import { systemClock } from '../../platform/clock.ts'
import { nodeCrypto } from '../../platform/crypto.ts'
import { type PeerScene, setPeerScene } from './test-peer-scene.ts'

const rules = roomVersions.get('11') as RoomVersionRules
const rulesOfDefault = roomVersions.get(defaultRoomVersion) as RoomVersionRules

let alpha: PeerScene['alpha']
let alice: PeerScene['alice']
let peer: PeerScene['peer']
setPeerScene(140, (scene) => {
  ;({ alpha, alice, peer } = scene)
})

const path = (roomId: string) => encodeURIComponent(roomId)
const body = ({ pdu }: RoomEvent) => pdu as JsonObject

const isSignedByUs = (pdu: Pdu) =>
  verifyJson(
    redact(pdu, rules) as JsonObject,
    'alpha.test',
    alpha.server.signingKey('alpha.test'),
    nodeCrypto,
  )

interface InviteParts {
  sender?: string
  target?: string
  content?: JsonObject
  type?: string
  roomId?: string
}

const somewhere = () => `!${Math.random().toString(36).slice(2)}:${peer.name}`

function inviteEvent(parts: InviteParts = {}): RoomEvent {
  return buildEvent(
    {
      type: parts.type ?? 'm.room.member',
      room_id: parts.roomId ?? somewhere(),
      sender: parts.sender ?? `@eve:${peer.name}`,
      state_key: parts.target ?? alice.userId,
      content: parts.content ?? { membership: 'invite' },
      origin_server_ts: Date.now(),
      depth: 5,
      prev_events: [`$${'A'.repeat(43)}`],
      auth_events: [`$${'A'.repeat(43)}`],
    },
    { rules, serverName: peer.name, key: peer.key, crypto: nodeCrypto },
  )
}

const shown = (roomId: string): JsonObject[] => [
  {
    type: 'm.room.create',
    state_key: '',
    sender: `@eve:${peer.name}`,
    content: { room_version: '11' },
    room_id: roomId,
  },
  { type: 'm.room.name', state_key: '', sender: `@eve:${peer.name}`, content: { name: 'Trap' } },
]

async function invitedTo(roomId: string): Promise<JsonObject | undefined> {
  const { rooms } = await alice.must('GET', 'sync')
  return ((rooms as JsonObject | undefined)?.invite as JsonObject | undefined)?.[roomId] as
    | JsonObject
    | undefined
}

test('A9: an invite that is none, or not for us, is neither signed nor kept', async () => {
  const eve = new TestMember(peer, alpha.url)
  const put = (
    event: RoomEvent,
    more: JsonObject = {},
    { room = event.roomId, id = event.eventId } = {},
  ): [string, string, JsonObject] => [
    'PUT',
    `v2/invite/${path(room)}/${id}`,
    { room_version: '11', event: body(event), invite_room_state: shown(event.roomId), ...more },
  ]
  const good = inviteEvent()
  const unsigned = { ...good, pdu: { ...good.pdu, signatures: {} } }
  const invalid = [
    put(inviteEvent({ type: 'm.room.message' })),
    put(inviteEvent({ content: { membership: 'join' } })),
    put(inviteEvent({ target: '@someone:other.test' })),
    put(inviteEvent({ target: '@nobody:alpha.test' })),
    put(good, {}, { room: somewhere() }),
    put(good, {}, { id: `$${'A'.repeat(43)}` }),
    put(good, { invite_room_state: [{}] }),
    put(good, { invite_room_state: [{ ...shown('')[1], room_id: '!other:room.test' }] }),
    put(good, { invite_room_state: [{ ...shown('')[1], content: { name: 'x'.repeat(66_000) } }] }),
    put(unsigned),
  ]
  for (const request of invalid) await eve.refused(request, 400, 'M_INVALID_PARAM')
  await eve.refused(put(inviteEvent({ sender: '@eve:other.test' })), 403, 'M_FORBIDDEN')
  await eve.refused(put(good, { room_version: '99' }), 400, 'M_INCOMPATIBLE_ROOM_VERSION')
  // Without a version it is one of the first, whose events have another form.
  const v1: [string, string, JsonObject] = [
    'PUT',
    `v1/invite/${path(good.roomId)}/${good.eventId}`,
    body(good),
  ]
  await eve.refused(v1, 400, 'M_INVALID_PARAM')
  assert.equal(await invitedTo(good.roomId), undefined)
  const { status, body: answer } = await eve.call(...put(good))
  assert.equal(status, 200, JSON.stringify(answer))
  assert.ok(isSignedByUs(answer.event as Pdu))
  const state = (await invitedTo(good.roomId)) as { invite_state: { events: JsonObject[] } } | undefined
  assert.ok(
    state?.invite_state.events.some(({ type, room_id }) => type === 'm.room.create' && room_id === undefined),
  )
})

test('A13: an invite is declined even when its server is dead, and stays so', async () => {
  const dying = await testPeer(141, systemClock)
  const event = buildEvent(
    { ...bare(inviteEvent()), room_id: `!gone:${dying.name}`, sender: `@eve:${dying.name}` },
    { rules, serverName: dying.name, key: dying.key, crypto: nodeCrypto },
  )
  const eve = new TestMember(dying, alpha.url)
  const put: [string, string, JsonObject] = [
    'PUT',
    `v2/invite/${path(event.roomId)}/${event.eventId}`,
    { room_version: '11', event: body(event), invite_room_state: [] },
  ]
  assert.equal((await eve.call(...put)).status, 200)
  assert.ok(await invitedTo(event.roomId))
  await dying[Symbol.asyncDispose]()
  await alice.must('POST', `rooms/${path(event.roomId)}/leave`, {})
  assert.equal(await invitedTo(event.roomId), undefined)
  // The same invite once more is answered, and does not come back.
  assert.equal((await eve.call(...put)).status, 200)
  assert.equal(await invitedTo(event.roomId), undefined)
})

function bare({ pdu }: RoomEvent) {
  const { hashes: _, signatures: __, ...rest } = pdu
  return rest
}

test('A8: of a template only what names other events is taken, and an odd one is not signed', async () => {
  const roomId = somewhere()
  const templates: JsonObject[] = [
    {},
    { prev_events: [1], auth_events: [], depth: 1 },
    { prev_events: [], auth_events: [], depth: -1 },
    { prev_events: Array.from({ length: 21 }, () => `$${'A'.repeat(43)}`), auth_events: [], depth: 1 },
  ]
  for (const event of templates) {
    peer.answer = () => ({ json: { room_version: '11', event } })
    await alice.refused(['POST', `join/${path(roomId)}?via=${peer.name}`, '{}'], 502, 'M_UNKNOWN')
  }
  peer.requests.length = 0
  const evil = {
    type: 'm.room.power_levels',
    sender: '@victim:alpha.test',
    state_key: '',
    content: { users: {}, membership: 'join', displayname: 'forged' },
    room_id: '!other:room.test',
    origin_server_ts: 1,
    prev_events: [`$${'A'.repeat(43)}`],
    auth_events: [`$${'A'.repeat(43)}`],
    depth: 7,
  }
  peer.answer = ({ method }) =>
    method === 'GET' ? { json: { room_version: '11', event: evil } } : { status: 500 }
  await alice.call('POST', `join/${path(roomId)}?via=${peer.name}`, { body: {} })
  const signed = JSON.parse(peer.requests.find(({ method }) => method === 'PUT')?.body ?? '') as Pdu
  assert.deepEqual(
    [signed.type, signed.sender, signed.state_key, signed.room_id, signed.content.membership, signed.depth],
    ['m.room.member', alice.userId, alice.userId, roomId, 'join', 7],
  )
  assert.deepEqual([signed.content.users, signed.content.displayname], [undefined, undefined])
})

test('A8: nor is one of a knock or a leave, and of an invite that comes back only the signature counts', async () => {
  const [knocked, left] = [somewhere(), somewhere()]
  const eve = new TestMember(peer, alpha.url)
  const event = inviteEvent({ roomId: left })
  const invite = { room_version: '11', event: body(event), invite_room_state: shown(left) }
  assert.equal((await eve.call('PUT', `v2/invite/${path(left)}/${event.eventId}`, invite)).status, 200)
  const evil = {
    ...{
      type: 'm.room.power_levels',
      sender: '@victim:alpha.test',
      state_key: '',
      room_id: '!other:room.test',
    },
    content: {
      users: {},
      membership: 'join',
      displayname: 'forged',
      join_authorised_via_users_server: '@x:alpha.test',
    },
    ...{ prev_events: [`$${'A'.repeat(43)}`], auth_events: [`$${'A'.repeat(43)}`], depth: 7 },
  }
  for (const [membership, roomId] of [
    ['knock', knocked],
    ['leave', left],
  ] as const) {
    const act = () =>
      membership === 'knock'
        ? alice.call('POST', `knock/${path(roomId)}?via=${peer.name}`, { body: {} })
        : alice.call('POST', `rooms/${path(roomId)}/leave`, { body: {} })
    peer.requests.length = 0
    peer.answer = () => ({ json: { room_version: '11', event: { ...evil, depth: -1 } } })
    if (membership === 'knock') assert.equal((await act()).body.errcode, 'M_UNKNOWN')
    peer.answer = () => ({ json: { room_version: '11', event: evil, knock_room_state: [] } })
    assert.equal((await act()).status, 200)
    const sent = peer.requests
      .filter(({ method }) => method === 'PUT')
      .map((one) => JSON.parse(one.body) as Pdu)
    const fields = sent.map(({ type, sender, state_key, room_id, content }) => [
      type,
      sender,
      state_key,
      room_id,
      content,
    ])
    assert.equal(fields.length, 1)
    assert.deepEqual(fields[0]?.slice(0, 4), ['m.room.member', alice.userId, alice.userId, roomId])
    const { membership: said, displayname, users } = sent[0]?.content ?? {}
    assert.deepEqual([said, displayname, users], [membership, undefined, undefined])
    assert.equal(sent[0]?.content.join_authorised_via_users_server, undefined)
  }
  const { room_id: ours } = await alice.must('POST', 'createRoom', {})
  peer.answer = ({ body: asked }) => {
    const given = (JSON.parse(asked) as { event: Pdu }).event
    const changed = { ...given, content: { ...given.content, is_direct: true } }
    return { json: { event: signJson(redact(changed, rulesOfDefault) as JsonObject, peer.name, peer.key) } }
  }
  const bob = `@bob:${peer.name}`
  await alice.must('POST', `rooms/${path(String(ours))}/invite`, { user_id: bob })
  const member = await alice.must('GET', `rooms/${path(String(ours))}/state/m.room.member/${bob}`)
  assert.deepEqual(member, { membership: 'invite' })
  peer.answer = ({ body: asked }) => ({
    json: { event: (JSON.parse(asked) as JsonObject).event as JsonObject },
  })
  const carol = { user_id: `@carol:${peer.name}` }
  await alice.refused(['POST', `rooms/${path(String(ours))}/invite`, JSON.stringify(carol)], 502, 'M_UNKNOWN')
})

test('J10: a room of a version that we do not know cannot be joined, whoever of us says so', async () => {
  const join = `join/${path(somewhere())}?via=${peer.name}`
  peer.answer = () => ({
    status: 400,
    json: { errcode: 'M_INCOMPATIBLE_ROOM_VERSION', error: 'not yours', room_version: '99' },
  })
  const refused = await alice.refused(['POST', join, '{}'], 400, 'M_INCOMPATIBLE_ROOM_VERSION')
  assert.equal(refused.room_version, '99')
  peer.requests.length = 0
  const event = { prev_events: [], auth_events: [], depth: 1 }
  peer.answer = () => ({ json: { room_version: '99', event } })
  const unknown = await alice.refused(['POST', join, '{}'], 400, 'M_INCOMPATIBLE_ROOM_VERSION')
  assert.equal(unknown.room_version, '99')
  assert.ok(peer.requests.every(({ method }) => method === 'GET'))
})
