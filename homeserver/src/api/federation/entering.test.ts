import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pdu, RoomEvent } from '@kith/spec/events/pdu'
import { redact } from '@kith/spec/events/redaction'
import { authEventIds, prevEventIds } from '@kith/spec/events/references'
import type { JsonObject } from '@kith/spec/json'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { verifyJson } from '@kith/spec/signing'
import { TestMember } from '../../domain/federation/test-member.ts'
import { nodeCrypto } from '../../platform/crypto.ts'
import { type PeerScene, setPeerScene } from './test-peer-scene.ts'

let alpha: PeerScene['alpha']
let alice: PeerScene['alice']
let peer: PeerScene['peer']
setPeerScene(130, (scene) => {
  ;({ alpha, alice, peer } = scene)
})

async function roomOf(options: JsonObject = {}): Promise<string> {
  const { room_id: roomId } = await alice.must('POST', 'createRoom', { preset: 'public_chat', ...options })
  return String(roomId)
}

const path = (roomId: string) => encodeURIComponent(roomId)
const body = ({ pdu }: RoomEvent) => pdu as JsonObject

test('A10: a member event is taken under its own ids, from the server of its sender, and is what it says', async () => {
  const roomId = await roomOf()
  const other = await roomOf()
  const eve = new TestMember(peer, alpha.url)
  const join = await eve.fromTemplate('join', roomId)
  const to = (event: RoomEvent, { room = roomId, id = event.eventId } = {}) =>
    `v2/send_join/${path(room)}/${id}`
  const wrong = (made: Parameters<typeof eve.event>[0]) =>
    eve.event({ type: 'm.room.member', stateKey: eve.userId, content: { membership: 'join' }, ...made })
  const invalid: [string, RoomEvent][] = [
    [to(join, { room: other }), join],
    [to(join, { id: `$${'A'.repeat(43)}` }), join],
    ...[
      wrong({ type: 'm.room.message' }),
      wrong({ content: { membership: 'leave' } }),
      wrong({ stateKey: `@other:${peer.name}` }),
    ].map((event): [string, RoomEvent] => [to(event), event]),
  ]
  for (const [target, event] of invalid)
    await eve.refused(['PUT', target, body(event)], 400, 'M_INVALID_PARAM')
  const stranger = wrong({ sender: '@eve:other.test', stateKey: '@eve:other.test' })
  await eve.refused(['PUT', to(stranger), body(stranger)], 403, 'M_FORBIDDEN')
  await eve.refused(['GET', `v1/make_join/${path(roomId)}/@eve:other.test?ver=12`], 403, 'M_FORBIDDEN')
  const unsigned = { ...join.pdu, signatures: {} } as JsonObject
  await eve.refused(['PUT', to(join), unsigned], 403, 'M_FORBIDDEN')
  for (const [target, kind] of [
    ['v2/send_leave', 'leave'],
    ['v1/send_knock', 'knock'],
  ] as const) {
    await eve.refused(
      ['PUT', `${target}/${path(roomId)}/${join.eventId}`, body(join)],
      400,
      'M_INVALID_PARAM',
    )
    await eve.refused(['GET', `v1/make_${kind}/${path(roomId)}/${eve.userId}?ver=12`], 403, 'M_FORBIDDEN')
  }
  const members = await alice.must('GET', `rooms/${path(roomId)}/joined_members`)
  assert.deepEqual(Object.keys(members.joined as JsonObject), [alice.userId])
})

test('a join is answered with the state before it and its authority, and repeated ones alike', async () => {
  const roomId = await roomOf({ name: 'Here' })
  const eve = new TestMember(peer, alpha.url)
  const join = await eve.fromTemplate('join', roomId)
  const send = () => eve.call('PUT', `v2/send_join/${path(roomId)}/${join.eventId}`, body(join))
  const [first, again] = [await send(), await send()]
  assert.equal(first.status, 200)
  assert.deepEqual(again, first)
  const state = first.body.state as Pdu[]
  assert.ok(state.some(({ type, content }) => type === 'm.room.name' && content.name === 'Here'))
  assert.ok(!state.some(({ sender }) => sender === eve.userId))
  const chain = first.body.auth_chain as Pdu[]
  assert.ok(chain.some(({ type }) => type === 'm.room.power_levels'))
})

test('who knows no version of the room gets no template, and neither who has no business in it', async () => {
  const roomId = await roomOf()
  const eve = new TestMember(peer, alpha.url)
  const make = (kind: string, query: string) => `v1/make_${kind}/${path(roomId)}/${eve.userId}${query}`
  for (const query of ['', '?ver=10&ver=1']) {
    const { status, body } = await eve.call('GET', make('join', query))
    assert.deepEqual([status, body.errcode, body.room_version], [400, 'M_INCOMPATIBLE_ROOM_VERSION', '12'])
  }
  await eve.refused(['GET', make('leave', '')], 403, 'M_FORBIDDEN')
  await eve.refused(['GET', `v1/make_join/!no:where.test/${eve.userId}?ver=12`], 404, 'M_NOT_FOUND')
  const closed = await roomOf({ preset: 'private_chat' })
  await eve.refused(['GET', `v1/make_join/${path(closed)}/${eve.userId}?ver=12`], 403, 'M_FORBIDDEN')
})

test('one leaves through our server, and a knock is answered with what the room shows', async () => {
  const roomId = await roomOf({
    name: 'Door',
    initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
  })
  const eve = new TestMember(peer, alpha.url)
  const knock = await eve.fromTemplate('knock', roomId)
  const answer = await eve.call('PUT', `v1/send_knock/${path(roomId)}/${knock.eventId}`, body(knock))
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  const shown = answer.body.knock_room_state as Pdu[]
  assert.ok(shown.some(({ type }) => type === 'm.room.create'))
  assert.ok(shown.some(({ content }) => content.name === 'Door'))
  const leave = await eve.fromTemplate('leave', roomId)
  const left = await eve.call('PUT', `v2/send_leave/${path(roomId)}/${leave.eventId}`, body(leave))
  assert.deepEqual(left, { status: 200, body: {} })
  const member = await alice.must('GET', `rooms/${path(roomId)}/state/m.room.member/${eve.userId}`)
  assert.equal(member.membership, 'leave')
})

test('A11: a join to a restricted room is vouched for only by who can tell and who may invite', async () => {
  const club = await roomOf()
  const restricted = async (room: string) => {
    const allow = [{ type: 'm.room_membership', room_id: room }]
    const rule = { type: 'm.room.join_rules', content: { join_rule: 'restricted', allow } }
    return roomOf({ preset: 'private_chat', initial_state: [rule] })
  }
  const eve = new TestMember(peer, alpha.url)
  const make = (room: string): [string, string] => ['GET', `v1/make_join/${path(room)}/${eve.userId}?ver=12`]
  const unknown = await restricted('!elsewhere:other.test')
  await eve.refused(make(unknown), 400, 'M_UNABLE_TO_AUTHORISE_JOIN')
  const known = await restricted(club)
  await eve.refused(make(known), 403, 'M_FORBIDDEN')
  await new TestMember(peer, alpha.url).join(club)
  const join = await eve.fromTemplate('join', known)
  // Whoever is named as the voucher vouches only for what he could.
  const content = { ...join.pdu.content, join_authorised_via_users_server: '@nobody:alpha.test' }
  const forged = eve.event({ ...madeOf(join), content })
  await eve.refused(
    ['PUT', `v2/send_join/${path(known)}/${forged.eventId}`, body(forged)],
    403,
    'M_FORBIDDEN',
  )
  const { status, body: answer } = await eve.call(
    'PUT',
    `v2/send_join/${path(known)}/${join.eventId}`,
    body(join),
  )
  assert.equal(status, 200)
  const signed = answer.event as Pdu
  assert.ok(isSignedByUs(signed, eve.rules))
  const levels = await alice.must('GET', `rooms/${path(known)}/state/m.room.power_levels`)
  const powerless = await restricted(club)
  await alice.must('PUT', `rooms/${path(powerless)}/state/m.room.power_levels`, { ...levels, invite: 100 })
  await alpha.register('carol').then(async (carol) => {
    await alice.must('POST', `rooms/${path(powerless)}/invite`, { user_id: carol.userId })
    await carol.must('POST', `rooms/${path(powerless)}/join`, {})
    await alice.must('POST', `rooms/${path(powerless)}/leave`, {})
  })
  await eve.refused(make(powerless), 400, 'M_UNABLE_TO_GRANT_JOIN')
})

const madeOf = ({ pdu }: RoomEvent) => ({
  type: pdu.type,
  stateKey: pdu.state_key ?? '',
  prev: prevEventIds(pdu),
  auth: authEventIds(pdu),
  depth: pdu.depth,
})

const isSignedByUs = (pdu: Pdu, by: RoomVersionRules) =>
  verifyJson(redact(pdu, by) as JsonObject, 'alpha.test', alpha.server.signingKey('alpha.test'), nodeCrypto)
