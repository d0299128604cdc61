import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { authStateKeys } from '@kith/spec/rooms/auth/authorize'
import {
  beginResolution,
  MissingEvents,
  stateKeyOf,
  type Undecided,
} from '@kith/spec/rooms/state-resolution/resolve'
import { alice, type EventInput, type TestRoom, testRoom } from '@kith/spec/rooms/test-room'
import { nodeCrypto } from '../../platform/crypto.ts'
import { resolveInWorker } from './resolve-in-worker.ts'

const levels = ({ rules }: TestRoom, ban: number): EventInput => ({
  type: 'm.room.power_levels',
  content: { ban, ...(rules.privilegedCreators ? {} : { users: { [alice]: 100 } }) },
})

/** On one branch the join rule changes back and forth and people join; on the other alice bans them. */
function manyMembers(version: string, size: number) {
  const room = testRoom(version)
  const base = new Map<string, RoomEvent>([[stateKeyOf('m.room.create', ''), room.create]])
  const events = new Map([[room.create.eventId, room.create]])
  const add = (state: Map<string, RoomEvent>, input: EventInput) => {
    const draft = { state_key: '', sender: alice, content: {}, ...input }
    const named = authStateKeys(draft, room.rules).map((pair) => state.get(stateKeyOf(...pair)))
    const auth_events = named.flatMap((event) => event?.eventId ?? [])
    const event = room.event({ ...draft, auth_events })
    state.set(stateKeyOf(draft.type, draft.state_key), event)
    events.set(event.eventId, event)
  }
  const member = (target: string, membership: string, sender = target): EventInput => ({
    type: 'm.room.member',
    sender,
    state_key: target,
    content: { membership },
  })
  const prev_events = [room.create.eventId]
  add(base, { ...member(alice, 'join'), prev_events })
  for (const ban of [50, 40]) add(base, levels(room, ban))
  add(base, { type: 'm.room.join_rules', content: { join_rule: 'public' } })
  const [open, strict] = [new Map(base), new Map(base)]
  for (const join_rule of ['invite', 'public'])
    add(open, { type: 'm.room.join_rules', content: { join_rule } })
  for (let index = 0; index < size; index++) {
    const user = `@user${index}:b.test`
    add(open, member(user, 'join'))
    if (index % 2 === 0) add(open, member(user, 'leave'))
    if (index % 3 === 0) add(strict, member(user, 'ban', alice))
  }
  const keys = [...open.keys()].filter((key) => open.get(key) !== strict.get(key))
  const shared = new Map(
    [...base].filter(([key]) => !keys.includes(key)).map(([key, { eventId }]) => [key, eventId]),
  )
  const forks = [open, strict].map((fork) => keys.map((key) => fork.get(key)))
  return { rules: room.rules, events, forks, shared, isRejected: () => false }
}

const joinRules = ({ event }: Undecided) => event.pdu.type === 'm.room.join_rules'
const decide = async (undecided: readonly Undecided[]) =>
  new Set(undecided.filter(joinRules).map(({ event }) => event.eventId))

for (const version of ['1', '11', '12']) {
  test(`A7: version ${version}: a worker comes to what this thread comes to`, async () => {
    const conflict = manyMembers(version === '1' ? '10' : version, 300)
    const rules = version === '1' ? testRoom('1').rules : conflict.rules
    const { undecided, finish } = beginResolution({
      rules,
      crypto: nodeCrypto,
      forks: conflict.forks,
      shared: (type, stateKey) => conflict.shared.get(stateKeyOf(type, stateKey)),
      event: (id) => conflict.events.get(id),
    })
    const expected = finish(await decide(undecided))
    assert.ok(expected.length >= 300)
    const entries = await resolveInWorker({ ...conflict, rules }, decide)
    assert.deepEqual(idsOf(entries), idsOf(expected))
  })
}

test('F9: a conflict of thousands leaves this thread to others', async () => {
  const conflict = manyMembers('12', 5000)
  let longestMs = 0
  let isRunning = true
  let last = process.threadCpuUsage()
  const tick = () => {
    const { user, system } = process.threadCpuUsage(last)
    longestMs = Math.max(longestMs, (user + system) / 1000)
    last = process.threadCpuUsage()
    if (isRunning) setImmediate(tick)
  }
  tick()
  const entries = await resolveInWorker(conflict, decide)
  isRunning = false
  assert.ok(entries.length >= 5000)
  assert.ok(longestMs < 50, `${longestMs} ms of this thread's own work at once`)
})

for (const [version, what] of [
  ['12', 'of the auth chains'],
  ['11', 'behind the power levels that the forks share'],
] as const) {
  test(`a worker names what is missing ${what}`, async () => {
    const conflict = manyMembers(version, 10)
    const first = [...conflict.events.values()].find(({ pdu }) => pdu.type === 'm.room.power_levels')
    conflict.events.delete(first?.eventId ?? '')
    await assert.rejects(
      resolveInWorker(conflict, decide),
      (error) => error instanceof MissingEvents && error.ids.join() === first?.eventId,
    )
  })
}

const idsOf = (events: readonly RoomEvent[]) => events.map(({ eventId }) => eventId).sort()
