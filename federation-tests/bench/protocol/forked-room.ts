// A room of a given size, and forks of it that change a given number of state entries.
import { nodeCrypto } from '@kith/homeserver/platform/crypto'
import { eventIdOf, roomIdOf } from '@kith/spec/events/event-id'
import type { Pdu, RoomEvent } from '@kith/spec/events/pdu'
import type { JsonObject } from '@kith/spec/json'
import { authorize, authStateKeys } from '@kith/spec/rooms/auth/authorize'
import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import { stateKeyOf } from '@kith/spec/rooms/state-resolution/resolve'
import { edit, type NodeId, type PackedNode, unpackRow } from '@kith/spec/rooms/state-trie'

/** An event as a server holds it: numbered, with the number of the key it sets and the state before it. */
export interface HeldEvent extends RoomEvent {
  number: number
  stateKey: number
  rootBefore?: NodeId
}

/** What a server has in memory: the room's events, and the nodes of its states. */
export interface HeldRoom {
  rules: RoomVersionRules
  events: HeldEvent[]
  byId: Map<string, HeldEvent>
  keyNumbers: Map<string, number>
  nodes: Map<NodeId, PackedNode>
  nextRowId(): number
}

type Draft = Pick<Pdu, 'type' | 'sender' | 'content'> & { state_key: string }

/** A line of events on top of each other. */
export interface Branch {
  room: HeldRoom
  /** What it changed of the branch that it left, or all. */
  own: Map<string, HeldEvent>
  left?: Branch
  tip?: HeldEvent
  depth: number
  timeMs: number
  /** Set once the branch's states are kept. */
  root?: NodeId
}

const start = 1_700_000_000_000

export function heldRoom(version: string): HeldRoom {
  const rules = roomVersions.get(version)
  if (!rules) throw new Error(`room version ${version} is unknown`)
  let rows = 0
  return {
    rules,
    events: [],
    byId: new Map(),
    keyNumbers: new Map(),
    nodes: new Map(),
    nextRowId: () => ++rows,
  }
}

export function fork(left: Branch): Branch {
  const { room, tip, depth, timeMs, root } = left
  return { room, own: new Map(), left, tip, depth, timeMs, root }
}

export function entry(branch: Branch, type: string, stateKey: string): HeldEvent | undefined {
  const name = stateKeyOf(type, stateKey)
  return branch.own.get(name) ?? branch.left?.own.get(name)
}

/** Adds an event if the rules allow it. */
export function send(branch: Branch, draft: Draft): HeldEvent | undefined {
  const { room, tip } = branch
  const { rules } = room
  const pdu: Pdu = {
    ...draft,
    room_id: room.events[0]?.roomId ?? '!room:a.test',
    origin_server_ts: branch.timeMs,
    depth: branch.depth + 1,
    prev_events: tip ? [tip.eventId] : [],
    auth_events: authStateKeys(draft, rules).flatMap((pair) => entry(branch, ...pair)?.eventId ?? []),
    hashes: { sha256: 'A'.repeat(43) },
    signatures: {},
  }
  if (draft.type === 'm.room.create' && rules.roomIdIsCreateHash) delete pdu.room_id
  const eventId = eventIdOf(pdu, rules, nodeCrypto)
  const event = { eventId, roomId: roomIdOf(pdu, eventId, rules) ?? '', pdu }
  const state = { get: (type: string, stateKey: string) => entry(branch, type, stateKey) }
  if (!authorize(event, state, { rules, crypto: nodeCrypto }).allowed) return undefined
  return append(branch, event)
}

function append(branch: Branch, event: RoomEvent): HeldEvent {
  const { room, root } = branch
  const name = stateKeyOf(event.pdu.type, event.pdu.state_key ?? '')
  const key = room.keyNumbers.get(name) ?? room.keyNumbers.size + 1
  room.keyNumbers.set(name, key)
  const held: HeldEvent = { ...event, number: room.events.length + 1, stateKey: key, rootBefore: root }
  room.events.push(held)
  room.byId.set(held.eventId, held)
  branch.own.set(name, held)
  Object.assign(branch, { tip: held, depth: branch.depth + 1, timeMs: branch.timeMs + 1000 })
  if (root !== undefined) branch.root = changed(room, root, [held])
  return held
}

/** The root of a state with these events as entries. */
export function changed(room: HeldRoom, root: NodeId, events: readonly HeldEvent[]): NodeId {
  const edits = new Map(events.map(({ stateKey, number }) => [stateKey, number]))
  const walk = edit(room.nodes, root, { edits, nextRowId: room.nextRowId })
  const step = walk.next(room.nodes)
  if (!step.done) throw new Error('nodes are missing')
  for (const node of step.value.rows.flatMap(unpackRow)) room.nodes.set(node.id, node)
  return step.value.root
}

export const creator = '@creator:a.test'
export const moderators = Array.from({ length: 12 }, (_, i) => `@moderator${i}:${i % 4}.test`)
const admins = moderators.slice(0, 4)
export const user = (index: number) => `@user${index}:${index % 50}.test`

export const member = (sender: string, membership: string, more: JsonObject = {}): Draft => ({
  type: 'm.room.member',
  sender,
  state_key: sender,
  content: { membership, ...more },
})

export const moderation = (sender: string, target: string, membership: string): Draft => ({
  ...member(sender, membership, { reason: 'off topic' }),
  state_key: target,
})

export const joinRule = (sender: string, rule: string): Draft => ({
  type: 'm.room.join_rules',
  sender,
  state_key: '',
  content: { join_rule: rule },
})

export const topic = (sender: string, text: string): Draft => ({
  type: 'm.room.topic',
  sender,
  state_key: '',
  content: { topic: text },
})

export function levels(sender: string, changes: Record<string, number>): Draft {
  const users: Record<string, number> = {}
  for (const id of moderators) users[id] = admins.includes(id) ? 90 : 50
  const content = { users: { ...users, ...changes }, events: { 'm.room.topic': 50, note: 0 }, invite: 0 }
  return { type: 'm.room.power_levels', sender, state_key: '', content }
}

/** A room with so many entries: mostly members, with years of moderation behind it. */
export function longLivedRoom(version: string, size: number): Branch {
  const room = heldRoom(version)
  const branch: Branch = { room, own: new Map(), depth: 0, timeMs: start, root: 0 }
  const content = { room_version: version, ...(room.rules.creatorInContent ? { creator } : {}) }
  send(branch, { type: 'm.room.create', sender: creator, state_key: '', content })
  send(branch, member(creator, 'join'))
  send(branch, levelsBy(branch, creator, {}))
  send(branch, joinRule(creator, 'public'))
  for (const id of moderators) send(branch, member(id, 'join'))
  for (let index = 0; branch.own.size < size; index++) {
    send(branch, member(user(index), 'join', { displayname: `User ${index}` }))
    if (index % Math.ceil(size / 200) === 0) live(branch, index)
  }
  for (const id of moderators) send(branch, member(id, 'join', { displayname: `${id} at the fork` }))
  return branch
}

/** Power levels of a room whose version gives its creator a place in them or forbids it. */
export function levelsBy(branch: Branch, sender: string, changes: Record<string, number>): Draft {
  const own: Record<string, number> = branch.room.rules.privilegedCreators ? {} : { [creator]: 100 }
  return levels(sender, { ...own, ...changes })
}

/** What moderators do as a room grows: about 200 times in its life. */
function live(branch: Branch, index: number): void {
  const moderator = moderators[index % moderators.length] as string
  const admin = admins[index % admins.length] as string
  send(branch, member(moderator, 'join', { displayname: `${moderator} ${index}` }))
  send(branch, levelsBy(branch, admin, { [user(index)]: index % 40 }))
  if (index % 3 === 0) {
    send(branch, joinRule(moderator, 'invite'))
    send(branch, joinRule(moderator, 'public'))
  }
  send(branch, topic(moderator, `Topic ${index}`))
}
