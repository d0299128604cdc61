import type { RoomEvent } from '../../events/pdu.ts'
import { authEventIds, prevEventIds } from '../../events/references.ts'
import type { JsonObject } from '../../json.ts'
import { portableCrypto } from '../../portable-crypto.ts'
import { authorize, authStateKeys, authStateOf } from '../auth/authorize.ts'
import { type StateKey, stateKeyOf } from '../state-key.ts'
import { alice, type TestRoom, testRoom } from '../test-room.ts'
import { resolve } from './resolve.ts'
import { keyOfEvent } from './source.ts'

export type State = ReadonlyMap<StateKey, string>

/** What somebody does next: every number is taken modulo what there is to choose from. */
export interface Step {
  sender: number
  action: number
  target: number
  value: number
  /** Which kind of events to follow, how many of them, and from which on. */
  joins: number
  from: number
  /** Added to the time, so that the clocks of servers disagree. */
  skew: number
}

/** A room with all its events and the state after each. */
export interface Dag {
  room: TestRoom
  events: Map<string, RoomEvent>
  after: Map<string, State>
}

/** The steps that make the room whatever they say: alice joins, power levels, a public room. */
export const opening = 3

export const users = [alice, '@bob:b.test', '@carol:c.test', '@dave:d.test']

/** Resolves whole states as a server does that looks only at their differences. */
export function resolveStates(dag: Pick<Dag, 'room' | 'events'>, states: readonly State[]): State {
  const [first = new Map<StateKey, string>(), ...others] = states
  const keys = new Set(states.flatMap((state) => [...state.keys()]))
  const conflicted = [...keys].filter((key) => others.some((state) => state.get(key) !== first.get(key)))
  const shared = new Map([...first].filter(([key]) => !conflicted.includes(key)))
  const event = (id: string) => dag.events.get(id)
  const sharedChain = chainOf(dag, shared.values())
  const resolved = resolve({
    rules: dag.room.rules,
    crypto: portableCrypto,
    forks: states.map((state) => new Map([...state].filter(([key]) => conflicted.includes(key)))),
    shared: (key) => shared.get(key),
    event,
    inSharedChain: (id) => sharedChain.has(id),
  })
  return new Map([...shared, ...resolved])
}

/** Some events and all that their auth events lead to. */
export function chainOf({ events }: Pick<Dag, 'events'>, ids: Iterable<string>): Set<string> {
  const chain = new Set(ids)
  for (const id of chain) for (const next of authEventIds((events.get(id) as RoomEvent).pdu)) chain.add(next)
  return chain
}

/** Plays the steps; what the rules do not allow at its place in the graph does not happen. */
export function playDag(version: string, steps: readonly Step[]): Dag {
  const room = testRoom(version, version === '12' ? { additional_creators: [users[3] as string] } : {})
  const dag: Dag = { room, events: new Map(), after: new Map() }
  let tips: string[] = []
  const add = (event: RoomEvent, before: State) => {
    const isState = event.pdu.state_key !== undefined
    dag.events.set(event.eventId, event)
    dag.after.set(event.eventId, isState ? new Map([...before, [keyOfEvent(event), event.eventId]]) : before)
    tips = [...tips.filter((id) => !prevEventIds(event.pdu).includes(id)), event.eventId]
  }
  add(room.create, new Map())
  steps.forEach((step, index) => {
    const recent = [...dag.events.keys()].slice(3).slice(-8)
    const candidates = step.joins % 4 === 0 || recent.length === 0 ? tips : recent
    const prevs = index < opening ? tips : choose(candidates, 1 + (step.joins % 3), step.from)
    const before = stateBefore(dag, prevs)
    const sender = index < opening ? alice : (users[[0, 1, 0, 2, 3, 1][step.sender % 6] as number] as string)
    const event = draftOf(dag, { step, index, prevs, before, sender })
    const state = authStateOf([...before.values()].flatMap((id) => dag.events.get(id) ?? []))
    if (
      !dag.events.has(event.eventId) &&
      authorize(event, state, { rules: room.rules, crypto: portableCrypto }).allowed
    ) {
      add(event, before)
    }
  })
  return dag
}

export function stateBefore(dag: Dag, prevs: readonly string[]): State {
  return resolveStates(
    dag,
    prevs.map((id) => dag.after.get(id) as State),
  )
}

/** The events that no other has as a previous one. */
export function tipsOf(dag: Dag): string[] {
  const passed = new Set([...dag.events.values()].flatMap(({ pdu }) => prevEventIds(pdu)))
  return [...dag.events.keys()].filter((id) => !passed.has(id))
}

function choose(ids: readonly string[], count: number, from: number): string[] {
  const chosen = Array.from(
    { length: Math.min(count, ids.length) },
    (_, i) => ids[(from + i) % ids.length] as string,
  )
  return [...new Set(chosen)]
}

interface Place {
  step: Step
  index: number
  prevs: string[]
  before: State
  sender: string
}

export function draftOf({ room, events }: Dag, { step, index, prevs, before, sender }: Place): RoomEvent {
  const first = [
    { type: 'm.room.member', state_key: alice, content: { membership: 'join' } },
    { type: 'm.room.power_levels', state_key: '', content: levels(room, { '@bob:b.test': 50 }) },
    { type: 'm.room.join_rules', state_key: '', content: { join_rule: 'public' } },
  ]
  const draft = { ...(first[index] ?? actionOf(room, step, sender)), sender }
  const auth_events = authStateKeys(draft, room.rules).flatMap(
    (pair) => before.get(stateKeyOf(...pair)) ?? [],
  )
  const depth = 1 + Math.max(...prevs.map((id) => (events.get(id) as RoomEvent).pdu.depth))
  const origin_server_ts = 1_700_000_000_000 + (index < opening ? index : index + (step.skew % 20) - 10)
  return room.event({ ...draft, auth_events, prev_events: prevs, depth, origin_server_ts })
}

function actionOf(room: TestRoom, { action, target, value }: Step, sender: string) {
  const other = users[target % users.length] as string
  const member = (who: string, membership: string) => ({
    type: 'm.room.member',
    state_key: who,
    content: { membership, displayname: String(value % 3) },
  })
  const rules = ['public', 'invite', 'knock', 'public']
  switch (action % 12) {
    case 0:
    case 1:
    case 9:
      return member(sender, 'join')
    case 2:
      return member(sender, 'leave')
    case 3:
      return member(other, 'invite')
    case 4:
      return member(other, 'leave')
    case 5:
      return member(other, 'ban')
    case 6:
      return { type: 'm.room.join_rules', state_key: '', content: { join_rule: rules[value % 4] as string } }
    case 7:
      return {
        type: 'm.room.power_levels',
        state_key: '',
        content: levels(room, { [users[1 + (target % 3)] as string]: [0, 25, 50, 100][value % 4] as number }),
      }
    case 8:
      return { type: 'm.room.topic', state_key: '', content: { topic: String(value % 5) } }
    default:
      return { type: 'im.kith.note', state_key: String(value % 2), content: { by: sender, about: other } }
  }
}

function levels(room: TestRoom, others: Record<string, number>): JsonObject {
  const listed = room.rules.privilegedCreators
    ? Object.fromEntries(Object.entries(others).filter(([id]) => id !== users[3]))
    : { [alice]: 100, ...others }
  return { users: listed, events: { 'im.kith.note': 0 }, state_default: 25 }
}
