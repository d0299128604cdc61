import assert from 'node:assert/strict'
import { test } from 'node:test'
import { childrenOf, type NodeId, type PackedNode, rowOf, unpackRow } from '@kith/spec/rooms/state-trie'
import fc from 'fast-check'
import { startTestServer } from '../../api/test-server.ts'
import { type Database, many, sql } from '../../platform/database.ts'
import { scratchDatabase } from '../../platform/scratch-database.ts'
import { rootsOfRoom, stateRowIds } from '../../storage/state-sweeps.ts'
import { stateRows, storeStateRows } from '../../storage/states.ts'
import { sweepDue } from './follow-sweeps.ts'
import { StateStore } from './state-store.ts'
import { type SweepOptions, sweepStates } from './sweep-states.ts'

const day = 86_400_000

interface Snapshot {
  root: NodeId
  map: ReadonlyMap<number, number>
  published: boolean
}

/** States of one room, as some are stored ahead and some of those published. */
class Room {
  readonly database: Database
  readonly number: number
  /** Of a process that keeps all nodes in memory: it need not read what it builds on. */
  readonly states: StateStore
  readonly snapshots: Snapshot[] = [{ root: 0, map: new Map(), published: true }]
  #version = 0

  constructor(database: Database, number: number) {
    this.database = database
    this.number = number
    this.states = new StateStore(database)
  }

  async store(from: Snapshot, edits: Iterable<readonly [number, number]>): Promise<Snapshot> {
    const { root, rows } = await this.states.edit(from.root, new Map(edits))
    await storeStateRows(this.database, this.number, rows)
    const snapshot = { root, map: new Map([...from.map, ...edits]), published: root === 0 }
    this.snapshots.push(snapshot)
    return snapshot
  }

  /** As the current state, by an event in the timeline, or by one that was set aside, in turn. */
  async publish(snapshot: Snapshot): Promise<void> {
    const at = ++this.#version
    const { root } = snapshot
    snapshot.published = true
    if (at % 3 === 0) {
      await this.database.query(sql`insert into room_states (room, version, position, root)
        values (${this.number}, ${at}, ${at}, ${root})`)
      return
    }
    const place = at % 3 === 1 ? at : null
    const [before, after] = at % 2 ? [root, 0] : [0, root]
    await this.database.query(sql`
      insert into events (number, event_id, room, position, slot, standing, sender, origin_server_ts, depth, root_before,
        root_after, notifies, highlights, pdu)
      values (${this.number * 1000 + at}, ${Buffer.from(`${this.number} ${at}`)}, ${this.number}, ${place},
        ${place && 0}, ${place === null ? 3 : 0}, 1, 1, 1, ${before}, ${after}, false, false, '')`)
  }

  sweep(keptMs: number, more: Partial<SweepOptions> = {}) {
    return sweepStates(this.number, { database: this.database, keptMs, ...more })
  }

  /** Reads every published state anew. */
  async requirePublished(): Promise<void> {
    const cold = new StateStore(this.database)
    for (const { root, map } of this.snapshots.filter(({ published }) => published)) {
      assert.deepEqual(sorted(await cold.entries(root)), sorted(map))
    }
  }

  /** The rows that published states are made of, found the plainest way. */
  async neededRows(): Promise<number[]> {
    const needed = new Map<number, ReadonlyMap<NodeId, PackedNode>>()
    const visit = async (id: NodeId): Promise<void> => {
      if (id === 0) return
      const [row] = needed.has(rowOf(id)) ? [] : await stateRows(this.database, [rowOf(id)])
      if (row) needed.set(row.id, new Map(unpackRow(row).map((node) => [node.id, node])))
      for (const child of childrenOf(needed.get(rowOf(id))?.get(id) as PackedNode)) await visit(child)
    }
    for (const { root, published } of this.snapshots) if (published) await visit(root)
    return [...needed.keys()].sort((a, b) => a - b)
  }

  async rows(table: 'state_nodes' | 'state_nodes_aside'): Promise<number> {
    const from = table === 'state_nodes' ? sql`state_nodes` : sql`state_nodes_aside`
    return (await many(this.database, sql`select id from ${from} where room = ${this.number}`)).length
  }
}

const sorted = (map: ReadonlyMap<number, number>) => [...map].sort(([a], [b]) => a - b)
const latest = (room: Room) => room.snapshots.at(-1) as Snapshot

test('whatever is stored, published and swept in whatever order, published states stay and the others go', async () => {
  await using database = await scratchDatabase()
  let number = 0
  const edits = fc.array(fc.tuple(fc.nat({ max: 200 }), fc.nat({ max: 9 })), { minLength: 1, maxLength: 40 })
  const step = fc.oneof(
    fc.record({ does: fc.constant('store' as const), on: fc.nat(), edits }),
    fc.record({ does: fc.constant('publish' as const), on: fc.nat() }),
    fc.record({ does: fc.constant('sweep' as const) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const room = new Room(database, ++number)
      for (const one of steps) {
        if (one.does === 'sweep') await room.sweep(day)
        else {
          const on = room.snapshots[one.on % room.snapshots.length] as Snapshot
          if (one.does === 'publish') await room.publish(on)
          else await room.store(on, one.edits)
        }
      }
      await room.requirePublished()
      await room.sweep(0)
      await room.sweep(0)
      await room.requirePublished()
      assert.equal(await room.rows('state_nodes_aside'), 0)
      assert.deepEqual(await stateRowIds(database, room.number), await room.neededRows())
    }),
    { numRuns: 20 },
  )
})

test('a state that is published while its rows are being set aside comes back', async () => {
  await using database = await scratchDatabase()
  const room = new Room(database, 1)
  const ahead = await room.store(latest(room), numbered(3000))
  const child = await room.store(ahead, [[5, 77]])

  const { setAside } = await room.sweep(day, {
    async *rootsOf(db, number) {
      yield* rootsOfRoom(db, number)
      // All roots have been read. The writer has the nodes in memory: it reads none of them.
      await room.publish(child)
    },
  })

  assert.ok(setAside > 1)
  // A later sweep, of rows that are old enough, deletes none of them: it has reached them first.
  const { deleted } = await room.sweep(0)
  assert.equal(deleted, 0)
  await room.requirePublished()
})

test('who reads a state whose rows are set aside gets it', async () => {
  await using database = await scratchDatabase()
  const room = new Room(database, 1)
  const ahead = await room.store(latest(room), numbered(3000))
  await room.sweep(day)
  assert.equal(await room.rows('state_nodes'), 0)
  const found = await Promise.all([1, 2, 3].map(() => new StateStore(database).entries(ahead.root)))
  for (const entries of found) assert.deepEqual(sorted(entries), sorted(ahead.map))
  assert.equal(await room.rows('state_nodes_aside'), 0)
})

test('what was set aside less than a day before stays', async () => {
  await using database = await scratchDatabase()
  const room = new Room(database, 1)
  await room.store(latest(room), numbered(300))
  assert.deepEqual(await room.sweep(day), { setAside: 1, deleted: 0 })
  assert.deepEqual(await room.sweep(day), { setAside: 0, deleted: 0 })
  assert.deepEqual(await room.sweep(0), { setAside: 0, deleted: 1 })
})

test('a sweep that forgets a root that is in use is found out', async () => {
  await using database = await scratchDatabase()
  const room = new Room(database, 1)
  await room.publish(await room.store(latest(room), numbered(300)))
  await room.publish(await room.store(latest(room), [[7, 1]]))
  const forgetful = {
    async *rootsOf(db: Parameters<typeof rootsOfRoom>[0], number: number) {
      for await (const roots of rootsOfRoom(db, number)) yield roots.slice(0, -1)
    },
  }
  await room.sweep(0, forgetful)
  await room.sweep(0, forgetful)
  await assert.rejects(room.requirePublished(), /missing/)
  await assert.rejects(room.sweep(0), /missing/, 'and nothing more is deleted of a room that is damaged')
})

test('a sweep that is stopped in the middle is taken up by the next', async () => {
  await using database = await scratchDatabase()
  const room = new Room(database, 1)
  await room.publish(await room.store(latest(room), numbered(100)))
  const kept = latest(room)
  const rows = []
  for (let at = 0; at < 1200; at++) {
    rows.push(...(await room.states.edit(kept.root, new Map([[1, 10_000 + at]]))).rows)
  }
  await storeStateRows(database, room.number, rows)
  let transactions = 0
  const check = async () => {
    if (++transactions === 2) throw new Error('the shard is another process’s')
  }
  await assert.rejects(room.sweep(day, { signal: AbortSignal.abort(new Error('the server stops')) }), /stops/)
  await assert.rejects(room.sweep(day, { check }), /another/)
  assert.equal(await room.rows('state_nodes_aside'), 500)
  assert.equal((await room.sweep(0)).setAside, 700)
  assert.equal((await room.sweep(0)).deleted + 500, 1200)
  await room.requirePublished()
  assert.equal(await room.rows('state_nodes'), 1)
})

const numbered = (count: number) => Array.from({ length: count }, (_, at) => [at + 1, 1000 + at] as const)

const lease = {
  signal: new AbortController().signal,
  check: async () => {},
  store: async () => {},
}

test('the state of a join that came to nothing is swept, and the room’s own states stay', async () => {
  await using alpha = await startTestServer()
  const { server, database } = alpha
  const anna = await alpha.register('anna')
  const bert = await alpha.register('bert')
  const { room_id: roomId } = await anna.must('POST', 'createRoom', { preset: 'public_chat' })
  await bert.must('POST', `join/${encodeURIComponent(String(roomId))}`)
  const room = await server.interning.rooms.number(database, String(roomId))
  const before = await many<{ id: number }>(database, sql`select id from state_nodes order by id`)
  const { root, rows } = await server.states.write(0, new Map(numbered(5000)))
  await storeStateRows(database, room, rows)
  const due = sql`update state_sweeps set due = clock_timestamp() where room = ${room}`

  assert.equal(await sweepDue(server, { lease, keptMs: 0 }), 0, 'not before its hour has passed')
  for (let round = 0; round < 2; round++) {
    await database.query(due)
    assert.equal(await sweepDue(server, { lease, keptMs: 0 }), 1)
  }

  assert.deepEqual(await many(database, sql`select id from state_nodes order by id`), before)
  assert.deepEqual(await many(database, sql`select room from state_sweeps`), [])
  await assert.rejects(new StateStore(database).entries(root), /missing/)
  const cold = new StateStore(database)
  const events = await many<{ root: number }>(database, sql`select root_after as root from events`)
  for (const event of events) assert.ok((await cold.entries(event.root)).size > 0)
})

test('a new reason to sweep a room that comes during its sweep is kept', async () => {
  await using alpha = await startTestServer()
  const { server, database } = alpha
  const room = new Room(database, 99)
  await room.publish(await room.store(latest(room), numbered(10)))
  await database.query(sql`update state_sweeps set due = clock_timestamp()`)
  const meanwhile = {
    ...lease,
    // Called before the sweep ends.
    check: async () => void (await room.store(latest(room), [[1, room.snapshots.length]])),
  }
  await sweepDue(server, { lease: meanwhile, keptMs: day })
  assert.deepEqual(await many(database, sql`select room from state_sweeps`), [{ room: 99 }])
})

test('sweeps that run beside writers take nothing from them', async () => {
  await using database = await scratchDatabase()
  const room = new Room(database, 1)
  await room.publish(await room.store(latest(room), numbered(2000)))
  let isWriting = true
  let setAside = 0
  const sweep = async () => {
    setAside += (await room.sweep(day)).setAside
  }
  const sweeps = async () => {
    while (isWriting) await sweep()
  }
  const writes = async (writer: number) => {
    let last = room.snapshots[1] as Snapshot
    for (let at = 0; at < 25; at++) {
      const ahead = await room.store(last, [[writer * 100 + at, at]])
      // What others do in between is up to chance; a state may be set aside before it is published.
      last = await room.store(ahead, [[at, writer]])
      if (at % 5 === 4) await sweep()
      await room.publish(last)
    }
  }
  const sweeping = sweeps()
  await Promise.all([1, 2, 3].map(writes))
  isWriting = false
  await sweeping
  assert.ok(setAside > 0, 'the sweeps and the writers did meet')
  await room.requirePublished()
  for (let round = 0; round < 2; round++) await room.sweep(0)
  await room.requirePublished()
  assert.deepEqual(await stateRowIds(database, room.number), await room.neededRows())
})
