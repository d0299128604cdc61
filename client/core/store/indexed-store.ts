import { type DBSchema, type IDBPDatabase, openDB, type StoreKey, type StoreNames } from 'idb'
import type {
  OutboxRecord,
  RoomRecord,
  StoredAccountData,
  StoredEvent,
  StoredReceipt,
  StoredSession,
  StoredState,
} from './records.ts'
import type { Changes, EventRange, Loaded, Store } from './store.ts'

interface Schema extends DBSchema {
  /** `session` and `token`, under these keys. */
  values: { key: string; value: StoredSession | string }
  rooms: { key: string; value: RoomRecord }
  events: { key: [string, number]; value: StoredEvent; indexes: { byId: [string, string] } }
  state: { key: [string, string, string]; value: StoredState }
  receipts: { key: [string, string]; value: StoredReceipt }
  accountData: { key: [string, string]; value: StoredAccountData }
  outbox: { key: string; value: OutboxRecord }
}
type Database = IDBPDatabase<Schema>
type Writing = ReturnType<typeof beginWriting>
type KeyRange = Exclude<
  Parameters<Database['count']>[1],
  StoreKey<Schema, StoreNames<Schema>> | null | undefined
>

/** Declared here because tests import this file in programs that know no DOM. */
declare const IDBKeyRange: {
  bound(lower: unknown, upper: unknown, isLowerOpen?: boolean, isUpperOpen?: boolean): KeyRange
}

const version = 1
const tables: StoreNames<Schema>[] = [
  'values',
  'rooms',
  'events',
  'state',
  'receipts',
  'accountData',
  'outbox',
]

/** The store of a browser. Rejects where there is no IndexedDB, as in some private windows. */
export async function openIndexedStore(name = 'kith'): Promise<Store> {
  const database = await openDB<Schema>(name, version, { upgrade })
  return {
    load: () => load(database),
    write: (changes) => write(database, changes),
    events: (roomId, range) => inRange(database, roomId, range),
    findEvents: (roomId, eventIds) => findEvents(database, roomId, eventIds),
    members: (roomId) => database.getAll('state', startingWith([roomId, 'm.room.member'])),
    stateEvent: (roomId, type, stateKey) => database.get('state', [roomId, type, stateKey]),
    receipts: (roomId) => database.getAll('receipts', startingWith([roomId])),
    wipe: () => wipe(database),
    close: () => database.close(),
  }
}

function upgrade(database: Database): void {
  database.createObjectStore('values')
  database.createObjectStore('rooms', { keyPath: 'roomId' })
  const events = database.createObjectStore('events', { keyPath: ['roomId', 'place'] })
  events.createIndex('byId', ['roomId', 'eventId'], { unique: true })
  database.createObjectStore('state', { keyPath: ['roomId', 'type', 'stateKey'] })
  database.createObjectStore('receipts', { keyPath: ['roomId', 'userId'] })
  database.createObjectStore('accountData', { keyPath: ['roomId', 'type'] })
  database.createObjectStore('outbox', { keyPath: 'txnId' })
}

/** Keys that begin with these: an array sorts after every string and number. */
function startingWith(parts: string[]): KeyRange {
  return IDBKeyRange.bound(parts, [...parts, []])
}

async function load(database: Database): Promise<Loaded> {
  const reading = database.transaction(['values', 'rooms', 'accountData', 'outbox'])
  const [session, token, rooms, accountData, outbox] = await Promise.all([
    reading.objectStore('values').get('session'),
    reading.objectStore('values').get('token'),
    reading.objectStore('rooms').getAll(),
    reading.objectStore('accountData').getAll(),
    reading.objectStore('outbox').getAll(),
  ])
  return {
    session: typeof session === 'object' ? session : undefined,
    token: typeof token === 'string' ? token : undefined,
    rooms,
    accountData,
    outbox: outbox.sort((a, b) => a.order - b.order),
  }
}

function beginWriting(database: Database) {
  return database.transaction(tables, 'readwrite')
}

/** The browser may lose the last moment of a power cut: then the token is lost with what it stands for. */
async function write(database: Database, changes: Changes): Promise<void> {
  const writing = beginWriting(database)
  try {
    await Promise.all([...puts(writing, changes), writing.done])
  } catch (error) {
    // One request that failed has ended the transaction with all others, unless it could not even be made.
    if (!writing.error) writing.abort()
    throw error
  }
}

function* puts(writing: Writing, changes: Changes): Generator<Promise<unknown>> {
  if (changes.session !== undefined) yield writing.objectStore('values').put(changes.session, 'session')
  if (changes.token !== undefined) yield writing.objectStore('values').put(changes.token, 'token')
  for (const room of changes.rooms ?? []) yield writing.objectStore('rooms').put(room)
  for (const event of changes.events ?? []) yield writing.objectStore('events').put(event)
  for (const state of changes.state ?? []) yield writing.objectStore('state').put(state)
  for (const receipt of changes.receipts ?? []) yield writing.objectStore('receipts').put(receipt)
  for (const data of changes.accountData ?? []) yield writing.objectStore('accountData').put(data)
  for (const record of changes.outbox ?? []) yield writing.objectStore('outbox').put(record)
  for (const txnId of changes.sent ?? []) yield writing.objectStore('outbox').delete(txnId)
}

async function inRange(database: Database, roomId: string, range: EventRange): Promise<StoredEvent[]> {
  if (range.from !== undefined && range.from === range.before) return []
  const keys = IDBKeyRange.bound(
    [roomId, range.from ?? Number.NEGATIVE_INFINITY],
    [roomId, range.before ?? Number.POSITIVE_INFINITY],
    false,
    true,
  )
  const found: StoredEvent[] = []
  let cursor = await database.transaction('events').store.openCursor(keys, 'prev')
  while (cursor && found.length < range.limit) {
    found.push(cursor.value)
    cursor = await cursor.continue()
  }
  return found.reverse()
}

async function findEvents(
  database: Database,
  roomId: string,
  eventIds: readonly string[],
): Promise<StoredEvent[]> {
  const index = database.transaction('events').store.index('byId')
  const found = await Promise.all(eventIds.map((eventId) => index.get([roomId, eventId])))
  return found.flatMap((event) => event ?? [])
}

async function wipe(database: Database): Promise<void> {
  const writing = beginWriting(database)
  await Promise.all([...tables.map((table) => writing.objectStore(table).clear()), writing.done])
}
