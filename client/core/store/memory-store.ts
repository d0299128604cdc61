import type {
  OutboxRecord,
  RoomRecord,
  StoredAccountData,
  StoredEvent,
  StoredReceipt,
  StoredState,
} from './records.ts'
import type { Changes, EventRange, Loaded, Store } from './store.ts'

/** A store that lasts as long as the core: where a browser allows no IndexedDB, and in tests. */
export function memoryStore(): Store {
  let tables = emptyTables()
  return {
    load: async () => load(tables),
    write: async (changes) => write(tables, changes),
    events: async (roomId, range) => inRange(tables.events.get(roomId), range),
    async findEvents(roomId, eventIds) {
      const room = tables.events.get(roomId)
      return eventIds.flatMap((eventId) => room?.get(eventId) ?? [])
    },
    async members(roomId) {
      return [...(tables.state.get(roomId)?.values() ?? [])].filter(({ type }) => type === 'm.room.member')
    },
    stateEvent: async (roomId, type, stateKey) => tables.state.get(roomId)?.get(`${type}\0${stateKey}`),
    receipts: async (roomId) => [...(tables.receipts.get(roomId)?.values() ?? [])],
    async wipe() {
      tables = emptyTables()
    },
    close() {},
  }
}

interface Tables {
  session: Loaded['session']
  token: Loaded['token']
  rooms: Map<string, RoomRecord>
  /** By room, then event. */
  events: Map<string, Map<string, StoredEvent>>
  /** By room, then type and state key. */
  state: Map<string, Map<string, StoredState>>
  /** By room, then user. */
  receipts: Map<string, Map<string, StoredReceipt>>
  accountData: Map<string, StoredAccountData>
  outbox: Map<string, OutboxRecord>
}

function emptyTables(): Tables {
  return {
    session: undefined,
    token: undefined,
    rooms: new Map(),
    events: new Map(),
    state: new Map(),
    receipts: new Map(),
    accountData: new Map(),
    outbox: new Map(),
  }
}

function load(tables: Tables): Loaded {
  return {
    session: tables.session,
    token: tables.token,
    rooms: [...tables.rooms.values()],
    accountData: [...tables.accountData.values()],
    outbox: [...tables.outbox.values()].sort((a, b) => a.order - b.order),
  }
}

function write(tables: Tables, changes: Changes): void {
  if (changes.session !== undefined) tables.session = changes.session
  if (changes.token !== undefined) tables.token = changes.token
  for (const room of changes.rooms ?? []) tables.rooms.set(room.roomId, room)
  for (const event of changes.events ?? []) inner(tables.events, event.roomId).set(event.eventId, event)
  for (const state of changes.state ?? []) {
    inner(tables.state, state.roomId).set(`${state.type}\0${state.stateKey}`, state)
  }
  for (const receipt of changes.receipts ?? [])
    inner(tables.receipts, receipt.roomId).set(receipt.userId, receipt)
  for (const data of changes.accountData ?? []) tables.accountData.set(`${data.roomId}\0${data.type}`, data)
  for (const record of changes.outbox ?? []) tables.outbox.set(record.txnId, record)
  for (const txnId of changes.sent ?? []) tables.outbox.delete(txnId)
}

function inner<T>(outer: Map<string, Map<string, T>>, key: string): Map<string, T> {
  const found = outer.get(key) ?? new Map<string, T>()
  outer.set(key, found)
  return found
}

function inRange(room: Map<string, StoredEvent> | undefined, range: EventRange): StoredEvent[] {
  const { before = Number.POSITIVE_INFINITY, from = Number.NEGATIVE_INFINITY, limit } = range
  return [...(room?.values() ?? [])]
    .filter(({ place }) => place >= from && place < before)
    .sort((a, b) => a.place - b.place)
    .slice(-limit)
}
