/** Which member events a client that loads members lazily is sent. Source: client-server-api, "Lazy-loading room members". */
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { type RoomNumber, splitStateKeyName, stateKeyNameOf } from '../../storage/interning.ts'
import type { Seen } from '../rooms/visibility.ts'
import type { StateEntries } from './state-delta.ts'
import type { SyncContext } from './sync-context.ts'

export interface LazyState {
  room: RoomNumber
  /** All that changed. */
  entries: StateEntries
  /** Whether the client has nothing of the room yet; else changed members are sent, whoever they are. */
  isFresh: boolean
  timeline: readonly Seen[]
  /** Ids of users whose members are wanted besides. */
  alsoWanted: readonly string[]
  /** The state that members are taken from. */
  root: NodeId
}

/** The entries to send: without the members nobody asked for, with those the timeline needs. */
export async function lazyEntries(context: SyncContext, state: LazyState): Promise<StateEntries> {
  const { server, request, until } = context
  const { lazyMembers } = server.views
  const { room, entries, isFresh, timeline } = state
  const device = deviceOf(context)
  if (isFresh) lazyMembers.forget(device, room)
  const since = request.since?.position ?? 0
  const { includeRedundantMembers } = request.filter.state
  const sent = isFresh ? await withoutMembers(context, entries) : new Map(entries)
  for (const entry of await wantedMembers(context, state)) {
    const isKnown = !isFresh && !includeRedundantMembers && lazyMembers.has(device, room, { entry, since })
    if (!isKnown) sent.set(...entry)
  }
  const told = [...sent, ...membersIn(timeline)]
  if (told.length > 0) lazyMembers.add(device, room, { entries: told, at: until })
  return sent
}

/** Member events that the timeline tells by itself. */
function membersIn(timeline: readonly Seen[]): [number, number][] {
  return timeline.flatMap(({ event }) =>
    event.pdu.type === 'm.room.member' && event.stateKey !== undefined
      ? [[event.stateKey, event.number] as [number, number]]
      : [],
  )
}

const deviceOf = ({ reader }: SyncContext) => `${reader.user} ${reader.deviceId}`

async function wantedMembers(context: SyncContext, state: LazyState): Promise<StateEntries> {
  const { server, reader } = context
  const users = new Set([...state.timeline.map(({ event }) => event.pdu.sender), ...state.alsoWanted])
  if (state.isFresh) users.add(reader.userId)
  const names = [...users].map((userId) => stateKeyNameOf('m.room.member', userId))
  const keys = await server.interning.stateKeys.find(server.database, names)
  return server.states.lookup(state.root, [...keys.values()])
}

async function withoutMembers({ server }: SyncContext, entries: StateEntries): Promise<StateEntries> {
  const names = await server.interning.stateKeys.names(server.database, [...entries.keys()])
  return new Map(
    [...entries].filter(([key]) => splitStateKeyName(names.get(key) as string)[0] !== 'm.room.member'),
  )
}
