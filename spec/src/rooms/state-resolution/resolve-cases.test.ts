import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Pdu, RoomEvent } from '../../events/pdu.ts'
import type { JsonObject } from '../../json.ts'
import { portableCrypto } from '../../portable-crypto.ts'
import { cpuTimeMs } from '../../test-cpu-time.ts'
import { type RoomVersionRules, roomVersions } from '../room-version.ts'
import { alice, type EventInput, type TestRoom, testRoom } from '../test-room.ts'
import { MissingEvents, type Resolution, resolve, type StateKey, stateKeyOf } from './resolve.ts'
import { type Dag, resolveStates } from './test-dag.ts'

const bob = '@bob:b.test'
const carol = '@carol:c.test'

/** Events by hand: each names its auth events itself. */
function scene(version: string) {
  const room = testRoom(version)
  const events = new Map<string, RoomEvent>([[room.create.eventId, room.create]])
  let time = 1_700_000_000_000
  const add = (input: EventInput, ...authority: RoomEvent[]) => {
    const named = room.rules.createInAuthEvents ? [room.create, ...authority] : authority
    const auth_events = named.map(({ eventId }) => eventId)
    const event = room.event({ state_key: '', origin_server_ts: time++, auth_events, ...input })
    events.set(event.eventId, event)
    return event
  }
  const member = (who: string, membership: string, ...authority: RoomEvent[]) =>
    add({ type: 'm.room.member', sender: who, state_key: who, content: { membership } }, ...authority)
  const join = add({
    type: 'm.room.member',
    state_key: alice,
    content: { membership: 'join' },
    prev_events: [room.create.eventId],
  })
  return { room, events, add, member, join }
}

const levelsOf = (room: TestRoom, users: JsonObject = {}) => ({
  users: room.rules.privilegedCreators ? users : { [alice]: 100, ...users },
})

const mapOf = (...events: RoomEvent[]) =>
  new Map<StateKey, string>(
    events.map(({ eventId, pdu }) => [stateKeyOf(pdu.type, pdu.state_key ?? ''), eventId]),
  )

function input(
  { room, events }: { room: TestRoom; events: ReadonlyMap<string, RoomEvent> },
  shared: RoomEvent[],
  forks: RoomEvent[][],
): Resolution {
  const held = mapOf(room.create, ...shared)
  return {
    rules: room.rules,
    crypto: portableCrypto,
    forks: forks.map((fork) => mapOf(...fork)),
    shared: (key) => held.get(key),
    event: (id) => events.get(id),
  }
}

test('A7: conflicts resolve as recorded, with the empty start and the subgraph of version 12', () => {
  interface Recorded {
    version: string
    events: Record<string, Pdu>
    meetings: { states: [StateKey, string][][]; result: [StateKey, string][] }[]
  }
  const recorded: Recorded[] = JSON.parse(
    readFileSync(new URL('../../../vectors/state-resolution.json', import.meta.url), 'utf8'),
  )
  for (const { version, events, meetings } of recorded) {
    const [first] = Object.entries(events) as [[string, Pdu]]
    const rules = roomVersions.get(version) as RoomVersionRules
    const roomId = rules.roomIdIsCreateHash ? `!${first[0].slice(1)}` : (first[1].room_id as string)
    const all = Object.entries(events).map(([eventId, pdu]): [string, RoomEvent] => [
      eventId,
      { eventId, roomId, pdu },
    ])
    const create = (all[0] as [string, RoomEvent])[1]
    const dag: Pick<Dag, 'room' | 'events'> = {
      room: { ...testRoom(version), rules, create },
      events: new Map(all),
    }
    for (const { states, result } of meetings) {
      const resolved = resolveStates(
        dag,
        states.map((state) => new Map(state)),
      )
      assert.deepEqual([...resolved].sort(), result.toSorted())
    }
  }
})

test('A7: what is behind any shared entry is no part of the auth difference', () => {
  const { room, events, add, member, join } = scene('11')
  const levels = add({ type: 'm.room.power_levels', content: levelsOf(room) }, join)
  const open = add({ type: 'm.room.join_rules', content: { join_rule: 'public' } }, levels, join)
  const bobJoins = member(bob, 'join', levels, open)
  const closed = add({ type: 'm.room.join_rules', content: { join_rule: 'invite' } }, levels, join)
  const carolJoins = member(carol, 'join', levels, open)
  const topic = add({ type: 'm.room.topic' }, levels, join)
  const given = input({ room, events }, [join, levels, closed, bobJoins], [[topic], [carolJoins]])
  const asked: string[] = []
  const inSharedChain = (id: string) => {
    asked.push(id)
    return id === open.eventId
  }
  const resolved = resolve({ ...given, inSharedChain })
  assert.deepEqual(asked, [open.eventId])
  assert.deepEqual([...resolved], [...mapOf(topic)])

  const alone = resolve({ ...given, inSharedChain: () => false })
  assert.ok(alone.has(stateKeyOf('m.room.member', carol)), 'else the old join rule would count once more')
})

test('missing events are named, all of a level at once, until nothing is missing', () => {
  const { room, events, add, member, join } = scene('12')
  let levels = add({ type: 'm.room.power_levels', content: levelsOf(room) }, join)
  const open = add({ type: 'm.room.join_rules', content: { join_rule: 'public' } }, levels, join)
  const bobJoins = member(bob, 'join', levels, open)
  for (let ban = 0; ban < 10; ban++) {
    levels = add({ type: 'm.room.power_levels', content: { ...levelsOf(room), ban } }, levels, join)
  }
  const forks = [[levels, bobJoins], [open]]
  const loaded = new Map<string, RoomEvent>()
  const given = { ...input({ room, events }, [join], forks), event: (id: string) => loaded.get(id) }
  let resolved: Map<StateKey, string> | undefined
  for (let round = 0; !resolved; round++) {
    assert.ok(round < 30)
    try {
      resolved = resolve(given)
    } catch (error) {
      assert.ok(error instanceof MissingEvents)
      if (round === 0) assert.equal(error.ids.length, 3)
      for (const id of error.ids) {
        assert.equal(loaded.has(id), false)
        loaded.set(id, events.get(id) as RoomEvent)
      }
    }
  }
  assert.deepEqual(new Map(resolved), mapOf(levels, bobJoins, open))
})

test('A5: a rejected event authorizes no other', () => {
  const { room, events, add, member, join } = scene('11')
  const levels = add({ type: 'm.room.power_levels', content: levelsOf(room) }, join)
  const open = add({ type: 'm.room.join_rules', content: { join_rule: 'public' } }, levels, join)
  const bobJoins = member(bob, 'join', levels, open)
  const given = input({ room, events }, [join, levels], [[bobJoins], []])
  assert.deepEqual(resolve({ ...given, inSharedChain: () => true }), mapOf(bobJoins))
  const isRejected = (id: string) => id === open.eventId
  assert.equal(resolve({ ...given, inSharedChain: () => true, isRejected }).size, 0)
})

test('entries that the forks have alike are no conflict', () => {
  const { room, events, add, join } = scene('12')
  const topic = add({ type: 'm.room.topic' }, join)
  const other = add({ type: 'm.room.topic', content: { topic: 'x' } }, join)
  assert.deepEqual(
    resolve(
      input(
        { room, events },
        [],
        [
          [join, topic],
          [join, topic],
        ],
      ),
    ),
    mapOf(join, topic),
  )
  assert.deepEqual(resolve(input({ room, events }, [], [[join, topic]])), mapOf(join, topic))
  assert.deepEqual(
    resolve(
      input(
        { room, events },
        [],
        [
          [join, topic],
          [join, other],
        ],
      ),
    ),
    mapOf(join, other),
  )
})

for (const version of ['11', '12']) {
  test(`version ${version}: a line of 10,000 power levels is resolved without recursion`, () => {
    const { room, events, add, join } = scene(version)
    let levels = add({ type: 'm.room.power_levels', content: levelsOf(room) }, join)
    const first = levels
    for (let ban = 0; ban < 10_000; ban++) {
      levels = add(
        { type: 'm.room.power_levels', content: { ...levelsOf(room), ban: ban % 50 } },
        levels,
        join,
      )
    }
    const topics = ['a', 'b'].map((topic) => add({ type: 'm.room.topic', content: { topic } }, levels, join))
    const forks = [
      [first, topics[0] as RoomEvent],
      [levels, topics[1] as RoomEvent],
    ]
    assert.deepEqual(resolve(input({ room, events }, [join], forks)), mapOf(levels, topics[1] as RoomEvent))
  })
}

test('the cost follows the conflict: 5,000 conflicted members take seconds at most', () => {
  const { room, events, add, member, join } = scene('12')
  const levels = add({ type: 'm.room.power_levels', content: levelsOf(room) }, join)
  const open = add({ type: 'm.room.join_rules', content: { join_rule: 'public' } }, levels, join)
  const members = Array.from({ length: 5000 }, (_, i) => member(`@user${i}:b.test`, 'join', levels, open))
  const tookMs = cpuTimeMs(() => {
    const resolved = resolve(input({ room, events }, [join, levels, open], [members, []]))
    assert.equal(resolved.size, 5000)
  })
  assert.ok(tookMs < 5000, `${tookMs} ms`)
})
