import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { Commands, ConnectionState, Core, Refusal, SessionState, Topics } from '../../client/core/api.ts'
import { openCore } from '../../client/core/core.ts'
import { openIndexedStore } from '../../client/core/store/indexed-store.ts'
import { memoryStore } from '../../client/core/store/memory-store.ts'
import type { Store } from '../../client/core/store/store.ts'
import { applyListUpdate, applyTimelineUpdate } from '../../client/core/updates.ts'
import type { EventItem, Member, RoomDetails, RoomEntry, TimelineItem } from '../../client/core/views.ts'
import type { TestServer } from '../harness/server.ts'

const seesWithinMs = 20_000
export const password = 'correct horse battery staple'

/** Somebody who uses the client's core, with a page's view of it. */
export interface CorePerson extends AsyncDisposable {
  readonly userId: string
  readonly core: Core
  readonly do: Commands
  readonly rooms: ReadonlyMap<string, RoomEntry>
  readonly session: SessionState
  readonly connection: ConnectionState
  readonly refusals: readonly Refusal[]
  open(roomId: string): OpenRoom
  /** Waits until something is true of what is shown. */
  sees(what: () => boolean | undefined, label?: string): Promise<void>
  /** Ends the core as a closed page does, at once, and opens another one on the same store. */
  reload(): Promise<CorePerson>
}

/** A room that is watched, as a page shows it. */
export interface OpenRoom {
  readonly items: TimelineItem[]
  readonly events: EventItem[]
  readonly texts: string[]
  readonly older: string
  readonly details: RoomDetails | undefined
  readonly members: ReadonlyMap<string, Member>
  item(text: string): EventItem
  close(): void
}

export interface CoreStorage {
  open(): Promise<Store>
}

/** A database in memory that outlives the core, as a browser's does. Needs `fake-indexeddb/auto`. */
export function indexedStorage(): CoreStorage {
  const name = `kith-${randomUUID()}`
  return { open: () => openIndexedStore(name) }
}

/** A store that outlives the core in memory. */
export function memoryStorage(): CoreStorage {
  const store = memoryStore()
  return { open: async () => store }
}

export async function registerCore(
  server: Pick<TestServer, 'url'>,
  user: string,
  storage: CoreStorage = memoryStorage(),
): Promise<CorePerson> {
  const person = await openPerson(storage)
  await person.do.register({ baseUrl: server.url, user, password })
  await person.sees(() => person.connection.kind === 'live', 'the connection is live')
  return person
}

export async function openPerson(storage: CoreStorage): Promise<CorePerson> {
  const core = await openCore({ store: await storage.open() })
  const checks = new Set<() => void>()
  const check = () => {
    for (const one of checks) one()
  }
  const rooms = new Map<string, RoomEntry>()
  const refusals: Refusal[] = []
  let session: SessionState = { kind: 'starting' }
  let connection: ConnectionState = { kind: 'idle', hasSynced: false }
  const person: CorePerson = {
    core,
    do: core.commands,
    rooms,
    refusals,
    get userId() {
      assert(session.kind === 'signed-in' || session.kind === 'locked')
      return session.account.userId
    },
    get session() {
      return session
    },
    get connection() {
      return connection
    },
    open: (roomId) => openRoom(core, roomId, check),
    sees: (what, label) => until({ what, label, checks }),
    async reload() {
      core.close()
      return openPerson(storage)
    },
    async [Symbol.asyncDispose]() {
      core.close()
    },
  }
  watch({ core, topic: 'session', argument: undefined }, (state) => {
    session = state
    check()
  })
  watch({ core, topic: 'connection', argument: undefined }, (state) => {
    connection = state
    check()
  })
  watch({ core, topic: 'refusal', argument: undefined }, (refusal) => {
    if (refusal) refusals.push(refusal)
    check()
  })
  watch({ core, topic: 'rooms', argument: undefined }, (update) => {
    applyListUpdate(rooms, update, ({ roomId }) => roomId)
    check()
  })
  return person
}

/** Clones what is shown, as a worker's port does: what cannot cross it fails here. */
function watch<Topic extends keyof Topics>(
  { core, topic, argument }: { core: Core; topic: Topic; argument: Topics[Topic]['argument'] },
  listener: (update: Topics[Topic]['update']) => void,
): () => void {
  return core.watch(topic, argument, (update) => listener(structuredClone(update)))
}

function openRoom(core: Core, roomId: string, check: () => void): OpenRoom {
  let items: TimelineItem[] = []
  let older = 'none'
  let details: RoomDetails | undefined
  const members = new Map<string, Member>()
  const stops = [
    watch({ core, topic: 'timeline', argument: { roomId } }, (update) => {
      items = applyTimelineUpdate(items, update)
      older = update.status.older
      check()
    }),
    watch({ core, topic: 'room', argument: { roomId } }, (update) => {
      details = update
      check()
    }),
    watch({ core, topic: 'members', argument: { roomId } }, (update) => {
      applyListUpdate(members, update, ({ userId }) => userId)
      check()
    }),
  ]
  const events = () => items.filter((item) => item.kind === 'event')
  return {
    get items() {
      return items
    },
    get events() {
      return events()
    },
    get texts() {
      return events().flatMap(({ body }) => (body.kind === 'text' ? [body.text] : []))
    },
    get older() {
      return older
    },
    get details() {
      return details
    },
    members,
    item(text) {
      const found = events().find(({ body }) => body.kind === 'text' && body.text === text)
      assert(found, `${text} is shown`)
      return found
    },
    close() {
      for (const stop of stops) stop()
    },
  }
}

interface Wait {
  what: () => boolean | undefined
  label?: string
  checks: Set<() => void>
}

function until({ what, label, checks }: Wait): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      checks.delete(check)
    }
    const check = () => {
      if (!what()) return
      end()
      resolve()
    }
    const timer = setTimeout(() => {
      end()
      reject(new Error(`not seen within ${seesWithinMs} ms: ${label ?? what}`))
    }, seesWithinMs)
    checks.add(check)
    check()
  })
}

/** Texts that can be counted and compared. */
export function numbered(who: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${who} ${index}`)
}

export async function scrollToStart(person: CorePerson, room: OpenRoom, roomId: string): Promise<void> {
  while (room.older !== 'none') {
    await person.do.loadOlder(roomId)
    await person.sees(() => room.older !== 'loading', 'an answer')
  }
}
