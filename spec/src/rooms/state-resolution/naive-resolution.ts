import type { RoomEvent } from '../../events/pdu.ts'
import { authEventIds } from '../../events/references.ts'
import { portableCrypto } from '../../portable-crypto.ts'
import { authorize, authStateOf } from '../auth/authorize.ts'
import { powerLevels } from '../power-levels.ts'
import { stateKeyOf } from '../state-key.ts'
import { keyOfEvent } from './source.ts'
import type { Dag, State } from './test-dag.ts'

/**
 * State resolution as the specification words it, over whole states and without a thought for cost: what the real one
 * is compared with. In one thing it follows other servers instead (see `withChainsInside`).
 */
export function resolveNaively(dag: Dag, states: readonly State[]): State {
  const v21 = dag.room.rules.stateResolution === 'v2.1'
  const keys = new Set(states.flatMap((state) => [...state.keys()]))
  const isAgreed = (key: string) => states.every((state) => state.get(key) === states[0]?.get(key))
  const unconflicted = new Map([...(states[0] ?? [])].filter(([key]) => isAgreed(key)))
  const conflicted = states.flatMap((state) =>
    [...state].filter(([key]) => !isAgreed(key)).map(([, id]) => id),
  )
  if ([...keys].every(isAgreed)) return unconflicted

  const chains = states.map((state) => new Set([...state.values()].flatMap((id) => [...chainOf(dag, id)])))
  const everything = new Set(chains.flatMap((chain) => [...chain]))
  const full = new Set(conflicted)
  for (const id of everything) {
    if (!chains.every((chain) => chain.has(id))) full.add(id)
    const isBetween =
      conflicted.some((start) => chainOf(dag, start).has(id)) &&
      conflicted.some((end) => chainOf(dag, id).has(end))
    if (v21 && isBetween) full.add(id)
  }

  const power = [...full].filter((id) => isPower(at(dag, id)))
  const first = new Set(power)
  for (const id of first)
    for (const next of authEventIds(at(dag, id).pdu)) if (full.has(next)) first.add(next)
  const state = new Map(v21 ? [] : unconflicted)
  applyAll(dag, state, topological(dag, first))
  const rest = [...full].filter((id) => !first.has(id)).map((id) => at(dag, id))
  const line = mainline(dag, state.get(stateKeyOf('m.room.power_levels', '')))
  rest.sort((x, y) => position(dag, line, y) - position(dag, line, x) || byAge(x, y))
  applyAll(dag, state, rest)
  return new Map([...state, ...unconflicted])
}

const at = (dag: Dag, id: string) => dag.events.get(id) as RoomEvent

function chainOf(dag: Dag, id: string): Set<string> {
  const chain = new Set([id])
  for (const reached of chain) for (const next of authEventIds(at(dag, reached).pdu)) chain.add(next)
  return chain
}

function isPower({ pdu }: RoomEvent): boolean {
  if (['m.room.power_levels', 'm.room.join_rules'].includes(pdu.type)) return true
  const removes = ['leave', 'ban'].includes(String(pdu.content.membership))
  return pdu.type === 'm.room.member' && removes && pdu.sender !== pdu.state_key
}

function topological(dag: Dag, ids: ReadonlySet<string>): RoomEvent[] {
  const left = [...ids].map((id) => at(dag, id))
  const ordered: RoomEvent[] = []
  while (left.length > 0) {
    const names = new Set(left.map(({ eventId }) => eventId))
    const free = left.filter(({ pdu }) => !authEventIds(pdu).some((id) => names.has(id)))
    free.sort((x, y) =>
      levelOf(dag, x) === levelOf(dag, y) ? byAge(x, y) : levelOf(dag, y) - levelOf(dag, x),
    )
    const next = free[0] as RoomEvent
    ordered.push(next)
    left.splice(left.indexOf(next), 1)
  }
  return ordered
}

function byAge(x: RoomEvent, y: RoomEvent): number {
  return x.pdu.origin_server_ts - y.pdu.origin_server_ts || (x.eventId < y.eventId ? -1 : 1)
}

function levelOf(dag: Dag, event: RoomEvent): number {
  return powerLevels(dag.room.create, levelsBefore(dag, event), dag.room.rules).user(event.pdu.sender)
}

function levelsBefore(dag: Dag, event: RoomEvent): RoomEvent | undefined {
  return authEventIds(event.pdu)
    .map((id) => at(dag, id))
    .find(({ pdu }) => pdu.type === 'm.room.power_levels')
}

function mainline(dag: Dag, start: string | undefined): string[] {
  const line: string[] = []
  for (let levels = start ? at(dag, start) : undefined; levels; levels = levelsBefore(dag, levels)) {
    line.push(levels.eventId)
  }
  return line
}

/** A number that is larger than any place where the specification says infinity. */
function position(dag: Dag, line: readonly string[], event: RoomEvent): number {
  for (let levels = levelsBefore(dag, event); levels; levels = levelsBefore(dag, levels)) {
    if (line.includes(levels.eventId)) return line.indexOf(levels.eventId)
  }
  return line.length
}

function applyAll(dag: Dag, state: Map<string, string>, events: readonly RoomEvent[]): void {
  for (const event of events) {
    const own = authEventIds(event.pdu).map((id) => at(dag, id))
    const held = [...state.values()].map((id) => at(dag, id))
    const authState = authStateOf([dag.room.create, ...own, ...held])
    const { allowed } = authorize(event, authState, { rules: dag.room.rules, crypto: portableCrypto })
    if (allowed) state.set(keyOfEvent(event), event.eventId)
  }
}
