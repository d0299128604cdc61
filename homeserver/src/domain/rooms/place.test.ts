import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildEvent } from '@kith/spec/events/build'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { prevEventIds } from '@kith/spec/events/references'
import type { JsonObject } from '@kith/spec/json'
import { authStateKeys } from '@kith/spec/rooms/auth/auth-events'
import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import { startTestServer, type TestServer } from '../../api/test-server.ts'
import { nodeCrypto, signingKeyFromSeed } from '../../platform/crypto.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import { standings } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { installRoom } from './install-room.ts'
import { MissingPrevious, placeEvent } from './place.ts'
import { resolveRoots } from './resolve.ts'
import { fullState, stateAt } from './state-reader.ts'

const key = signingKeyFromSeed('ed25519:far', Buffer.alloc(32, 7))
const far = 'far.test'
const creator = `@anna:${far}`
const people = [creator, `@bert:${far}`, `@cleo:${far}`]

interface Room {
  server: Homeserver
  room: RoomNumber
  roomId: string
  rules: RoomVersionRules
}

interface Said {
  type: string
  sender: string
  stateKey?: string
  content: JsonObject
  /** Ids of the events it follows. */
  after: string[]
  at?: number
}

/** An event of the far server, as it stands by the state that its previous events leave. */
async function said({ server, roomId, rules }: Room, { type, sender, stateKey, content, after, at }: Said) {
  const previous = [...(await server.events.byId(after)).values()]
  const { root } = await resolveRoots(
    server,
    rules,
    previous.map((one) => one.rootAfter ?? 0),
  )
  const bare = { type, sender, content, ...(stateKey === undefined ? {} : { state_key: stateKey }) }
  const auth = await stateAt(server, root, authStateKeys(bare, rules))
  return buildEvent(
    {
      ...bare,
      room_id: roomId,
      origin_server_ts: at ?? 1_700_000_000_000,
      depth: Math.max(...previous.map((one) => one.pdu.depth)) + 1,
      prev_events: after,
      auth_events: [...auth.values()].map((one) => one.eventId),
    },
    { rules, serverName: far, key, crypto: nodeCrypto },
  )
}

/** The first two events of a room that the far server made, as any server would build them. */
function beginnings(rules: RoomVersionRules): { create: RoomEvent; join: RoomEvent } {
  const context = { rules, serverName: far, key, crypto: nodeCrypto }
  const common = { sender: creator, origin_server_ts: 1_700_000_000_000 }
  const hashed = rules.roomIdIsCreateHash
  const create = buildEvent(
    {
      ...common,
      type: 'm.room.create',
      state_key: '',
      ...(hashed ? {} : { room_id: `!forks:${far}` }),
      content: { room_version: rules.version, ...(rules.creatorInContent ? { creator } : {}) },
      depth: 1,
      prev_events: [],
      auth_events: [],
    },
    context,
  )
  const join = buildEvent(
    {
      ...common,
      type: 'm.room.member',
      state_key: creator,
      room_id: create.roomId,
      content: { membership: 'join' },
      depth: 2,
      prev_events: [create.eventId],
      auth_events: hashed ? [] : [create.eventId],
    },
    context,
  )
  return { create, join }
}

async function handOver(alpha: TestServer, version: string): Promise<Room & { join: RoomEvent }> {
  const rules = roomVersions.get(version) as RoomVersionRules
  const { create, join } = beginnings(rules)
  const { server } = alpha
  const roomId = create.roomId
  const room = await installRoom(server, { roomId, rules, join, state: [create], authChain: [create] })
  return { server, room, roomId, rules, join }
}

function random(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) >>> 0
    return state % below
  }
}

const stateIds = async ({ server, room }: Room) =>
  (await fullState(server, await server.rooms.root(room))).map((event) => event.eventId).sort()

/** The state that a server finds before an event. What it soft-fails depends on the order; this must not. */
async function stateBefore({ server }: Room, { eventId }: RoomEvent): Promise<string[]> {
  const root = (await server.events.one(eventId))?.rootBefore ?? 0
  return (await fullState(server, root)).map((event) => event.eventId).sort()
}

/** An event that joins all branches. */
function merge(room: Room, events: readonly RoomEvent[]): Promise<RoomEvent> {
  const named = new Set(events.flatMap((event) => prevEventIds(event.pdu)))
  const after = events.map((event) => event.eventId).filter((id) => !named.has(id))
  return said(room, { type: 'm.x', sender: creator, content: {}, after })
}

/** What somebody may do in a room: some of it is against the rules in some branches. */
function choice(pick: (below: number) => number): Omit<Said, 'after'> {
  const sender = people[pick(people.length)] as string
  const target = people[pick(people.length)] as string
  const member = (membership: string, stateKey: string) => ({
    type: 'm.room.member',
    stateKey,
    content: { membership },
  })
  const levels = {
    users: { [people[1] as string]: pick(2) * 50 },
    users_default: pick(2) * 10,
    state_default: 10,
  }
  const choices: Pick<Said, 'type' | 'stateKey' | 'content'>[] = [
    { type: 'm.room.topic', stateKey: '', content: { topic: `${pick(1000)}` } },
    { type: 'm.room.power_levels', stateKey: '', content: levels },
    {
      type: 'm.room.join_rules',
      stateKey: '',
      content: { join_rule: ['public', 'invite'][pick(2)] as string },
    },
    member('join', sender),
    member('leave', sender),
    member('ban', target),
    member('leave', target),
    { type: 'm.room.message', content: { body: `${pick(1000)}` } },
  ]
  return {
    sender,
    at: 1_700_000_000_000 + pick(100_000),
    ...(choices[pick(choices.length)] as Pick<Said, 'type' | 'content'>),
  }
}

for (const version of ['10', '11', '12']) {
  test(`A7: servers that hear of forks in different orders agree, in a room of version ${version}`, async () => {
    await using alpha = await startTestServer({ config: { serverName: 'alpha.test' } })
    await using beta = await startTestServer({ config: { serverName: 'beta.test' } })
    const here = await handOver(alpha, version)
    const there = await handOver(beta, version)
    const pick = random(Number(version))
    const events = [here.join]
    const publicRoom = {
      type: 'm.room.join_rules',
      sender: creator,
      stateKey: '',
      content: { join_rule: 'public' },
    }
    const open = await said(here, { ...publicRoom, after: [here.join.eventId] })
    assert.equal(await placeEvent(here.server, here.room, { event: open }), 'accepted')
    events.push(open)
    while (events.length < 60) {
      const recent = events.slice(1).slice(-6)
      const after = [...new Set([0, 1].map(() => (recent[pick(recent.length)] as RoomEvent).eventId))]
      const event = await said(here, { ...choice(pick), after })
      const outcome = await placeEvent(here.server, here.room, { event })
      if (outcome === 'accepted' || outcome === 'soft-failed') events.push(event)
    }
    const last = await merge(here, events)
    await placeEvent(here.server, here.room, { event: last })
    await placeInAnyOrder(there, [...events.slice(1), last], pick)
    assert.deepEqual(await stateBefore(there, last), await stateBefore(here, last))
  })
}

/** Places events as they become possible, chosen by chance among those. */
async function placeInAnyOrder(
  place: Room,
  events: RoomEvent[],
  pick: (below: number) => number,
): Promise<void> {
  const waiting = [...events]
  while (waiting.length > 0) {
    const known = await place.server.events.byId(waiting.flatMap((event) => prevEventIds(event.pdu)))
    const ready = waiting.filter((event) => prevEventIds(event.pdu).every((id) => known.has(id)))
    const event = ready[pick(ready.length)] as RoomEvent
    waiting.splice(waiting.indexOf(event), 1)
    await placeEvent(place.server, place.room, { event })
  }
}

test('A6: a message from before a ban that comes after it is stored, unseen, and no extremity', async () => {
  await using alpha = await startTestServer()
  const here = await handOver(alpha, '12')
  const { server, room } = here
  const say = async (what: Said) => {
    const event = await said(here, what)
    return { event, outcome: await placeEvent(server, room, { event }) }
  }
  const rule = { type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } }
  const { event: open } = await say({ ...rule, after: [here.join.eventId] })
  const bert = people[1] as string
  const member = { type: 'm.room.member', stateKey: bert }
  const { event: came } = await say({
    ...member,
    sender: bert,
    content: { membership: 'join' },
    after: [open.eventId],
  })
  await say({ ...member, sender: creator, content: { membership: 'ban' }, after: [came.eventId] })
  const { event: late, outcome } = await say({
    type: 'm.x',
    sender: bert,
    content: {},
    after: [came.eventId],
  })
  assert.equal(outcome, 'soft-failed')
  const held = await server.events.one(late.eventId)
  assert.equal(held?.standing, standings.softFailed)
  assert.equal(held?.place, undefined)
  assert.equal((await server.rooms.head(room))?.extremities.has(held?.number ?? 0), false)
})

test('A5: an event that its own branch does not allow is rejected, and so is what names it as authority', async () => {
  await using alpha = await startTestServer()
  const here = await handOver(alpha, '11')
  const { server, room } = here
  const stranger = `@dora:${far}`
  const knock = await said(here, {
    type: 'm.room.member',
    sender: stranger,
    stateKey: stranger,
    content: { membership: 'join' },
    after: [here.join.eventId],
  })
  assert.equal(await placeEvent(server, room, { event: knock }), 'rejected')
  assert.equal(await placeEvent(server, room, { event: knock }), 'held')
  const builtOn = await said(here, { type: 'm.x', sender: creator, content: {}, after: [here.join.eventId] })
  const pdu = { ...builtOn.pdu, auth_events: [...builtOn.pdu.auth_events, knock.eventId] }
  assert.equal(await placeEvent(server, room, { event: { ...builtOn, eventId: '$other', pdu } }), 'rejected')
  assert.equal((await stateIds(here)).includes(knock.eventId), false)
})

test('an event whose previous events are not here waits for them', async () => {
  await using alpha = await startTestServer()
  const here = await handOver(alpha, '12')
  const next = await said(here, { type: 'm.x', sender: creator, content: {}, after: [here.join.eventId] })
  const pdu = { ...next.pdu, prev_events: ['$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'] }
  await assert.rejects(placeEvent(here.server, here.room, { event: { ...next, pdu } }), MissingPrevious)
})

test('branches that resolve to the state of one of them share that state, and nothing new is stored', async () => {
  await using alpha = await startTestServer()
  const here = await handOver(alpha, '12')
  const { server, room } = here
  const after = [here.join.eventId]
  const quiet = await said(here, { type: 'm.x', sender: creator, content: {}, after })
  const topic = { type: 'm.room.topic', sender: creator, stateKey: '', content: { topic: 'birds' } }
  const change = await said(here, { ...topic, after })
  for (const event of [quiet, change]) assert.equal(await placeEvent(server, room, { event }), 'accepted')
  const branches = await server.events.byId([quiet.eventId, change.eventId])
  const roots = [...branches.values()].map((event) => event.rootAfter ?? 0)
  const changed = branches.get(change.eventId)?.rootAfter
  assert.deepEqual(await resolveRoots(server, here.rules, roots), { root: changed, rows: [] })
  assert.equal(await server.rooms.root(room), changed)
})
