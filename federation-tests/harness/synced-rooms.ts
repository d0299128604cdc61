import { setTimeout as delay } from 'node:timers/promises'
import { type Access, call, isPassing, path, persist } from './client-api.ts'
import {
  applyRoom,
  applyStripped,
  type ClientEvent,
  emptyView,
  type RoomView,
  type Sight,
  type SyncedRoom,
  type SyncResponse,
} from './room-view.ts'

export interface Page {
  chunk: ClientEvent[]
  start: string
  end?: string
}

const longPollMs = 10_000
const timelineLimit = 100

/** The rooms of one person, kept up to date by long polls of `/sync`. */
export interface SyncedRooms {
  room(id: string): RoomView | undefined
  /** Resolves once the room looks like that; rejects with what it looked like after the time is over. */
  sees(id: string, sight: Sight, withinMs: number): Promise<RoomView>
  stop(): Promise<void>
}

/** Begins to sync at once. */
export function followRooms(access: Access): SyncedRooms {
  const views = new Map<string, RoomView>()
  const watchers = new Set<() => void>()
  const stopped = new AbortController()
  const loop = pollUntilStopped(access, views, { watchers, signal: stopped.signal })
  // Told to whoever waits; when nobody does it must not end the process.
  loop.catch(() => {})
  return {
    room: (id) => views.get(id),
    sees: (id, sight, withinMs) => waitFor({ views, watchers, loop }, { id, sight, withinMs }),
    async stop() {
      stopped.abort()
      await loop.catch(() => {})
    },
  }
}

async function pollUntilStopped(
  access: Access,
  views: Map<string, RoomView>,
  { watchers, signal }: { watchers: Set<() => void>; signal: AbortSignal },
): Promise<void> {
  const filter = JSON.stringify({ room: { timeline: { limit: timelineLimit } } })
  for (let since: string | undefined; !signal.aborted; ) {
    try {
      const query = { since, filter, timeout: since ? longPollMs : 0 }
      const response = await call<SyncResponse>(access, { method: 'GET', path: '/v3/sync', query, signal })
      await takeIn(access, views, response)
      since = response.next_batch
    } catch (error) {
      if (signal.aborted) return
      if (!isPassing(error)) throw error
      await delay(50)
    }
    for (const look of watchers) look()
  }
}

async function takeIn(access: Access, views: Map<string, RoomView>, response: SyncResponse): Promise<void> {
  const { join = {}, leave = {}, invite = {}, knock = {} } = response.rooms ?? {}
  const enter = (id: string, section: RoomView['section'], keep: boolean) => {
    const view = (keep && views.get(id)) || emptyView(section)
    view.section = section
    views.set(id, view)
    return view
  }
  for (const [section, rooms] of [['join', join] as const, ['leave', leave] as const]) {
    for (const [id, room] of Object.entries(rooms)) {
      const view = enter(id, section, views.get(id)?.section === 'join' || section === 'leave')
      applyRoom(view, room, await missedEvents(access, { id, view, room }))
    }
  }
  for (const [id, room] of Object.entries(invite)) {
    applyStripped(enter(id, 'invite', false), room.invite_state?.events ?? [])
  }
  for (const [id, room] of Object.entries(knock)) {
    applyStripped(enter(id, 'knock', false), room.knock_state?.events ?? [])
  }
}

/** Pages back from a limited timeline to an event already known, or to the room's start. Oldest first. */
async function missedEvents(
  access: Access,
  { id, view, room }: { id: string; view: RoomView; room: SyncedRoom },
): Promise<ClientEvent[]> {
  if (!room.timeline?.limited || view.timeline.length === 0) return []
  const known = new Set(view.timeline.map((event) => event.event_id))
  const missed: ClientEvent[] = []
  for (let from = room.timeline.prev_batch; from; ) {
    const page = await messages(access, id, { from, dir: 'b', limit: 100 })
    const fresh = page.chunk.filter((event) => !known.has(event.event_id))
    missed.push(...fresh)
    if (fresh.length < page.chunk.length) break
    from = page.end
  }
  return missed.reverse()
}

export async function messages(
  access: Access,
  room: string,
  query: { from?: string; to?: string; dir: 'b' | 'f'; limit?: number },
): Promise<Page> {
  const request = { method: 'GET', path: path`/v3/rooms/${room}/messages`, query } as const
  return (await persist(() => call<Page>(access, request))).result
}

async function waitFor(
  following: { views: Map<string, RoomView>; watchers: Set<() => void>; loop: Promise<void> },
  { id, sight, withinMs }: { id: string; sight: Sight; withinMs: number },
): Promise<RoomView> {
  const { promise, resolve, reject } = Promise.withResolvers<RoomView>()
  const look = () => {
    const view = following.views.get(id)
    if (view && sight(view)) resolve(view)
  }
  const giveUp = () =>
    reject(new Error(`not seen in ${withinMs} ms in ${id}: ${describe(following.views.get(id))}`))
  const timer = setTimeout(giveUp, withinMs)
  following.watchers.add(look)
  following.loop.catch(reject)
  look()
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    following.watchers.delete(look)
  }
}

function describe(view: RoomView | undefined): string {
  if (!view) return 'the room is unknown'
  const last = view.timeline
    .slice(-5)
    .map(
      (event) =>
        `${event.event_id} ${event.type} by ${event.sender} ${JSON.stringify(event.content).slice(0, 120)}`,
    )
  const members = [...view.state.values()]
    .filter((event) => event.type === 'm.room.member')
    .map((event) => `${event.state_key}=${event.content.membership}`)
  return [
    view.section,
    `members ${members.join(' ')}`,
    `the last of ${view.timeline.length} events:`,
    ...last,
  ].join('\n  ')
}
