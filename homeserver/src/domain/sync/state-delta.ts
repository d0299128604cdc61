/**
 * The state that a client needs beside a timeline, so that it ends up with the room's own. Found by comparing
 * tries, so that state which was resolved away reaches clients too.
 */
import type { NodeId } from '@kith/spec/rooms/state-trie'
import type { StateKeyNumber } from '../../storage/interning.ts'
import type { EventNumber } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import type { Seen } from '../rooms/visibility.ts'

/** State entries by key. */
export type StateEntries = Map<StateKeyNumber, EventNumber>

export interface StateSpan {
  /** What the client has: 0 for nothing. */
  before: NodeId
  /** At the start of the timeline. */
  start: NodeId
  /** At its end. */
  end: NodeId
}

/** What changed up to the end of the timeline, for clients that don't take state from the timeline. */
export async function stateUpToEnd(server: Homeserver, { before, end }: StateSpan): Promise<StateEntries> {
  if (before === 0) return server.states.entries(end)
  const entries: StateEntries = new Map()
  for (const [key, change] of await server.states.diff(before, end)) {
    if (change.after !== undefined) entries.set(key, change.after)
  }
  return entries
}

/**
 * What changed up to the start of the timeline, for clients that go on from there by the timeline's own state
 * events; and what the room's state became otherwise than by those.
 *
 * The timeline's last event of each key must be the room's: see `withoutOverruled`.
 */
export async function stateUpToStart(
  server: Homeserver,
  span: StateSpan,
  timeline: readonly Seen[],
): Promise<StateEntries> {
  const inTimeline = new Set(timeline.flatMap(({ event }) => event.stateKey ?? []))
  const entries = await stateUpToEnd(server, { ...span, end: span.start })
  if (span.start === span.end) return entries
  for (const [key, { after }] of await server.states.diff(span.start, span.end)) {
    if (inTimeline.has(key) || after === undefined) continue
    entries.set(key, after)
  }
  if (span.before === 0) return entries
  // What is at the end as it was before need not be told.
  const unchanged = await server.states.lookup(span.before, [...entries.keys()])
  for (const [key, event] of unchanged) {
    if (!inTimeline.has(key) && entries.get(key) === event) entries.delete(key)
  }
  return entries
}

/**
 * A timeline whose state events all hold in the end.
 *
 * A client takes the last state event of a timeline for the room's state. Where resolution decided otherwise, the
 * timeline begins after the event that was overruled, which pagination still shows.
 */
export async function withoutOverruled(
  server: Homeserver,
  timeline: readonly Seen[],
  end: NodeId,
): Promise<{ seen: readonly Seen[]; overruled: Seen | undefined }> {
  const last = new Map<StateKeyNumber, number>()
  for (const [index, { event }] of timeline.entries()) {
    if (event.stateKey !== undefined) last.set(event.stateKey, index)
  }
  if (last.size === 0) return { seen: timeline, overruled: undefined }
  const state = await server.states.lookup(end, [...last.keys()])
  const overruled = [...last].flatMap(([key, index]) =>
    state.get(key) === timeline[index]?.event.number ? [] : [index],
  )
  if (overruled.length === 0) return { seen: timeline, overruled: undefined }
  const cut = Math.max(...overruled)
  return { seen: timeline.slice(cut + 1), overruled: timeline[cut] }
}
