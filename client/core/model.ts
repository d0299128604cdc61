import type { JsonObject } from '@kith/spec/json'
import { CommandError } from './errors.ts'
import type { Access } from './http.ts'
import { directPartners, mutedRooms } from './rooms/account.ts'
import type { EntryContext } from './rooms/entry.ts'
import type { OutboxRecord, RoomRecord, StoredSession } from './store/records.ts'
import type { Changes, Store } from './store/store.ts'
import type { RoomView } from './timeline/room-view.ts'
import { type Publisher, publisher } from './topics.ts'

/** All that the core knows of the session, in memory. What is stored is written first. */
export interface Model {
  readonly store: Store
  readonly topics: Publisher
  session: StoredSession | undefined
  /** The token of the last sync that is stored. */
  token: string | undefined
  rooms: Map<string, RoomRecord>
  /** Of the account, by type. */
  accountData: Map<string, JsonObject>
  /** By room: who is typing, without me. */
  typing: Map<string, readonly string[]>
  /** By transaction ID, in the order of writing. */
  outbox: Map<string, OutboxRecord>
  /** Rooms that are watched. */
  views: Map<string, RoomView>
  /** Derived from the account data and the outbox. */
  entries: EntryContext
  /** One at a time: reading what is stored, deciding, and writing. */
  turn<T>(work: () => Promise<T>): Promise<T>
}

export function newModel(store: Store): Model {
  let last: Promise<unknown> = Promise.resolve()
  return {
    ...emptyState(),
    store,
    topics: publisher(),
    turn(work) {
      const result = last.then(work)
      last = result.catch(() => undefined)
      return result
    },
  }
}

function emptyState(): Omit<Model, 'store' | 'topics' | 'turn'> {
  return {
    session: undefined,
    token: undefined,
    rooms: new Map(),
    accountData: new Map(),
    typing: new Map(),
    outbox: new Map(),
    views: new Map(),
    entries: { me: '', partners: new Map(), muted: new Set(), failed: new Map() },
  }
}

/** Reads what is stored, at the start. */
export async function loadModel(model: Model): Promise<void> {
  const { session, token, rooms, accountData, outbox } = await model.store.load()
  Object.assign(model, { session, token })
  model.rooms = new Map(rooms.map((room) => [room.roomId, room]))
  model.outbox = new Map(outbox.map((record) => [record.txnId, record]))
  for (const { roomId, type, content } of accountData) if (roomId === '') model.accountData.set(type, content)
  deriveEntries(model)
}

/** Forgets everything, on disk first. The watchers stay. */
export async function wipeModel(model: Model): Promise<void> {
  await model.store.wipe()
  Object.assign(model, emptyState())
}

/** Writes, and then shows it in memory. Only inside a turn. */
export async function commit(model: Model, changes: Changes): Promise<void> {
  await model.store.write(changes)
  if (changes.session) model.session = changes.session
  if (changes.token !== undefined) model.token = changes.token
  for (const room of changes.rooms ?? []) model.rooms.set(room.roomId, room)
  for (const { roomId, type, content } of changes.accountData ?? []) {
    if (roomId === '') model.accountData.set(type, content)
  }
  for (const record of changes.outbox ?? []) model.outbox.set(record.txnId, record)
  for (const txnId of changes.sent ?? []) model.outbox.delete(txnId)
  if (changes.accountData || changes.outbox || changes.sent || changes.session) deriveEntries(model)
}

function deriveEntries(model: Model): void {
  const failed = new Map<string, number>()
  for (const { roomId, state } of model.outbox.values()) {
    if (state === 'failed') failed.set(roomId, (failed.get(roomId) ?? 0) + 1)
  }
  model.entries = {
    me: model.session?.userId ?? '',
    partners: directPartners(model.accountData),
    muted: mutedRooms(model.accountData),
    failed,
  }
}

/** @throws CommandError when nobody is signed in */
export function signedIn(model: Model): Access & StoredSession {
  if (!model.session || model.session.isLocked) throw new CommandError('signed-out', 'Nobody is signed in')
  return model.session
}

/** @throws CommandError */
export function knownRoom(model: Model, roomId: string): RoomRecord {
  const room = model.rooms.get(roomId)
  if (!room) throw new CommandError('no-such-room', 'This room is not known')
  return room
}
