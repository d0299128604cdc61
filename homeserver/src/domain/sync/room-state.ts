/** The `state` or `state_after` of one room in a sync. */
import type { NodeId } from '@kith/spec/rooms/state-trie'
import type { RoomNumber } from '../../storage/interning.ts'
import type { StoredEvent } from '../../storage/stored-event.ts'
import type { Seen } from '../rooms/visibility.ts'
import { lazyEntries } from './lazy-loading.ts'
import { type StateEntries, stateUpToEnd, stateUpToStart } from './state-delta.ts'
import type { SyncContext } from './sync-context.ts'

export interface RoomStateSpan {
  room: RoomNumber
  /** The state that the client has; 0 for none. */
  before: NodeId
  /** The state at the end of the timeline. */
  end: NodeId
  timeline: readonly Seen[]
  /** Users whose members a lazily loading client wants besides. */
  heroes: readonly string[]
}

export async function stateOf(context: SyncContext, span: RoomStateSpan): Promise<StoredEvent[]> {
  const { server, request } = context
  const { timeline, before, end } = span
  const isAfter = request.stateAfter !== 'no'
  const start = timeline[0]?.event.rootBefore ?? end
  const roots = { before, start, end }
  let entries: StateEntries
  if (isAfter) entries = await stateUpToEnd(server, roots)
  else entries = before === end && start === end ? new Map() : await stateUpToStart(server, roots, timeline)
  if (request.filter.state.lazyLoadMembers) {
    entries = await lazyEntries(context, {
      room: span.room,
      entries,
      isFresh: before === 0,
      timeline,
      alsoWanted: span.heroes,
      root: isAfter ? end : start,
    })
  }
  if (entries.size === 0) return []
  const events = await server.events.byNumber(entries.values())
  return [...events.values()].filter((event) => request.filter.state.passes(event))
}
