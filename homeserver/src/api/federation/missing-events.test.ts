import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RoomEvent } from '@kith/spec/events/pdu'
import type { Json, JsonObject } from '@kith/spec/json'
import { TestMember } from '../../domain/federation/test-member.ts'
import type { Answer, Request } from '../../domain/federation/test-peer.ts'
import { type PeerScene, setPeerScene } from './test-peer-scene.ts'

let laterMs = 0
const clock = { now: () => Date.now() + laterMs }

let alpha: PeerScene['alpha']
let alice: PeerScene['alice']
let peer: PeerScene['peer']
setPeerScene(
  125,
  (scene) => {
    ;({ alpha, alice, peer } = scene)
  },
  clock,
)

interface Scene {
  eve: TestMember
  /** The state before her join, and its authority. */
  state: JsonObject[]
  ids: string[]
  room: string
}

async function scene(): Promise<Scene> {
  const { room_id: roomId } = await alice.must('POST', 'createRoom', { preset: 'public_chat' })
  const eve = new TestMember(peer, alpha.url)
  const { state } = await eve.join(String(roomId))
  const { body } = await eve.call(
    'GET',
    `v1/state_ids/${encodeURIComponent(String(roomId))}?event_id=${eve.latest[0]}`,
  )
  const ids = [...(body.pdu_ids as string[]), eve.latest[0] as string]
  peer.requests.length = 0
  return { eve, state: state as JsonObject[], ids, room: encodeURIComponent(String(roomId)) }
}

const asked = (what: string) => peer.requests.filter(({ target }) => target.includes(what))
const pdus = (events: readonly RoomEvent[]) => events.map(({ pdu }) => pdu as Json)

/** What the peer answers by the last part of an operation's name. */
function answers(by: Record<string, (request: Request) => Json | undefined>): void {
  peer.answer = (request): Answer => {
    for (const [name, answer] of Object.entries(by)) {
      const json = request.target.includes(`/${name}/`) ? answer(request) : undefined
      if (json !== undefined) return { json }
    }
    return { status: 404, json: { errcode: 'M_NOT_FOUND' } }
  }
}

async function seen(room: string): Promise<string[]> {
  const { chunk } = await alice.must('GET', `rooms/${room}/messages?dir=b&limit=100`)
  return (chunk as { event_id: string }[]).map(({ event_id }) => event_id).reverse()
}

test('what is missing before an event is fetched from its server and stands before it', async () => {
  const { eve, room } = await scene()
  const missed = [eve.next(), eve.next(), eve.next()]
  answers({ get_missing_events: () => ({ events: pdus(missed.toReversed()) }) })
  const last = eve.next()
  await eve.taken(last)
  assert.deepEqual(
    (await seen(room)).slice(-4),
    [...missed, last].map(({ eventId }) => eventId),
  )
  assert.equal(asked('state').length, 0)
  const [question] = asked('get_missing_events')
  assert.deepEqual(JSON.parse(question?.body ?? '').latest_events, [last.eventId])
})

test('a long outage is bridged by the state that the server tells, and history fills in when it is read', async () => {
  const { eve, room, ids } = await scene()
  const missed = Array.from({ length: 8 }, () => eve.next())
  const last = eve.next()
  answers({
    get_missing_events: () => ({ events: [] }),
    state_ids: () => ({ pdu_ids: ids, auth_chain_ids: [] }),
  })
  await eve.taken(last)
  assert.equal(asked('state_ids').length, 1)
  answers({
    backfill: () => ({ origin: peer.name, origin_server_ts: 1, pdus: pdus(missed.toReversed()) }),
    state_ids: () => ({ pdu_ids: ids, auth_chain_ids: [] }),
  })
  assert.deepEqual(
    (await seen(room)).slice(-9),
    [...missed, last].map(({ eventId }) => eventId),
  )
  const [question] = asked('backfill')
  assert.match(question?.target ?? '', new RegExp(`v=%24${missed.at(-1)?.eventId.slice(1)}`))
  // No gap is left: the oldest of them builds on what is here.
  await seen(room)
  assert.equal(asked('backfill').length, 1)
  await eve.taken(eve.next())
})

test('a gap that nobody fills does not hide what is older, and is not asked for again and again', async () => {
  const { eve, room, ids } = await scene()
  const first = await seen(room)
  eve.next()
  const last = eve.next()
  answers({ state_ids: () => ({ pdu_ids: ids, auth_chain_ids: [] }) })
  await eve.taken(last)
  assert.deepEqual(await seen(room), [...first, last.eventId])
  assert.deepEqual(await seen(room), [...first, last.eventId])
  assert.equal(asked('backfill').length, 1)
})

test('V4: history that cannot be had just now is not taken for the beginning: reading on later gets it', async () => {
  const { eve, room, ids } = await scene()
  const first = await seen(room)
  const missed = [eve.next(), eve.next()]
  const last = eve.next()
  answers({ state_ids: () => ({ pdu_ids: ids, auth_chain_ids: [] }) })
  await eve.taken(last)
  peer.answer = () => ({ status: 503 })
  const page = await alice.must('GET', `rooms/${room}/messages?dir=b&limit=100`)
  assert.deepEqual(
    (page.chunk as JsonObject[]).map(({ event_id }) => event_id),
    [last.eventId],
  )
  laterMs += 10_000
  answers({
    backfill: () => ({ origin: peer.name, origin_server_ts: 1, pdus: pdus(missed.toReversed()) }),
    state_ids: () => ({ pdu_ids: ids, auth_chain_ids: [] }),
  })
  const rest = await alice.must('GET', `rooms/${room}/messages?dir=b&limit=100&from=${page.end}`)
  assert.deepEqual((rest.chunk as JsonObject[]).map(({ event_id }) => event_id).reverse(), [
    ...first,
    ...missed.map(({ eventId }) => eventId),
  ])
  assert.equal(rest.end, undefined)
})

test('an event in history that was redacted meanwhile is stored without its content', async () => {
  const { eve, room, ids } = await scene()
  const said = eve.next({ content: { body: 'regretted' } })
  const redaction = eve.next({ type: 'm.room.redaction', content: { redacts: said.eventId } })
  answers({ state_ids: () => ({ pdu_ids: ids, auth_chain_ids: [] }) })
  const last = eve.next()
  await eve.taken(last)
  answers({
    backfill: () => ({ origin: peer.name, origin_server_ts: 1, pdus: pdus([redaction, said]) }),
    state_ids: () => ({ pdu_ids: ids, auth_chain_ids: [] }),
  })
  assert.deepEqual(
    (await seen(room)).slice(-3),
    [said, redaction, last].map(({ eventId }) => eventId),
  )
  const got = await alice.must('GET', `rooms/${room}/event/${said.eventId}`)
  assert.deepEqual(got.content, {})
})

test('A5: a state that a server tells counts beside what is known: it cannot undo a ban', async () => {
  const { eve, room, ids } = await scene()
  const mallory = await alpha.register('mallory')
  await mallory.must('POST', `rooms/${room}/join`, {})
  await alice.must('POST', `rooms/${room}/ban`, { user_id: mallory.userId })
  const number = (await alpha.server.interning.rooms.existing(alpha.database, eve.roomId)) as number
  const head = await alpha.server.rooms.head(number)
  const known = [...(head?.extremities.values() ?? [])].map(({ eventId }) => eventId)
  const missing = eve.event()
  answers({ state_ids: () => ({ pdu_ids: ids, auth_chain_ids: [] }) })
  await eve.taken(eve.next({ prev: [...known, missing.eventId] }))
  const member = await alice.must('GET', `rooms/${room}/state/m.room.member/${mallory.userId}`)
  assert.equal(member.membership, 'ban')
})

test('F9: a server that always has one more before makes one event wait, with a bounded number of questions', async () => {
  const { eve, room } = await scene()
  const { latest, depth } = eve
  eve.latest = [`$${'x'.repeat(42)}A`]
  const chain = Array.from({ length: 600 }, () => eve.next())
  const places = new Map(chain.map(({ eventId }, index) => [eventId, index]))
  answers({
    get_missing_events: ({ body }) => {
      const [id] = JSON.parse(body).latest_events
      const at = places.get(id) ?? chain.length
      return { events: pdus(chain.slice(Math.max(0, at - 50), at)) }
    },
  })
  await eve.dropped(eve.next(), /cannot be had/)
  assert.ok(peer.requests.length < 20, `${peer.requests.length} requests`)
  answers({})
  Object.assign(eve, { latest, depth })
  const good = eve.next()
  await eve.taken(good)
  assert.equal((await seen(room)).at(-1), good.eventId)
})

test('missing auth events are fetched, and an event is not taken without them', async () => {
  const { eve } = await scene()
  const renamed = eve.event({
    type: 'm.room.member',
    stateKey: eve.userId,
    content: { membership: 'join', displayname: 'Eve' },
  })
  const auth = eve.auth.map((id, index) => (index === 0 ? renamed.eventId : id))
  const event = eve.event({ auth })
  answers({})
  await eve.dropped(event, /auth events/)
  answers({ event_auth: () => ({ auth_chain: pdus([renamed]) }) })
  await eve.taken(event)
})
