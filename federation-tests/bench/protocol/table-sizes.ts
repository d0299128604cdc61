/** How large tables and their indexes are, as they lie on disk. */
import { type Database, many, one, sql } from '@kith/homeserver/platform/database'

/** Bytes by relation: a table with what it keeps aside, or one of its indexes. */
export type Sizes = ReadonlyMap<string, number>
export type Weighed = ReadonlyMap<string, number>

/** What a room's state is made of, and what names its parts. */
const stateTables = ['state_nodes', 'room_states', 'members', 'state_keys', 'users', 'servers']
/** What any event leaves, whether or not it changes a state. */
const eventTables = ['events', 'log', 'extremities']

const pdus = 'events: PDUs'

/** Sizes after VACUUM. */
export async function sizesOf(database: Database): Promise<Sizes> {
  const sizes = new Map<string, number>()
  for (const table of [...stateTables, ...eventTables]) {
    await database.query({ text: `vacuum ${table}`, values: [] })
    const indexes = await many<{ name: string; bytes: number }>(
      database,
      sql`select indexrelid::regclass::text as name, pg_relation_size(indexrelid) as bytes
        from pg_index where indrelid = ${table}::regclass`,
    )
    const { bytes } = await one<{ bytes: number }>(
      database,
      sql`select pg_table_size(${table}::regclass) as bytes`,
    )
    sizes.set(table, bytes)
    for (const index of indexes) sizes.set(`${table}: ${index.name}`, index.bytes)
  }
  const { bytes } = await one<{ bytes: number }>(
    database,
    sql`select coalesce(sum(pg_column_size(pdu)), 0)::bigint as bytes from events`,
  )
  sizes.set(pdus, bytes)
  return sizes
}

export function grown(before: Sizes, after: Sizes): Sizes {
  return new Map([...after].map(([name, bytes]) => [name, bytes - (before.get(name) ?? 0)]))
}

/** Bytes per change, with the sums of both kinds of table; the PDUs are taken out of their table. */
export function weights(sizes: Sizes, changes: number): Weighed {
  const of = (tables: readonly string[]) =>
    [...sizes].flatMap(([name, bytes]): [string, number][] => {
      const isOf = name !== pdus && tables.includes(name.split(':')[0] ?? '')
      return isOf ? [[name, (bytes - (name === 'events' ? (sizes.get(pdus) ?? 0) : 0)) / changes]] : []
    })
  const sum = (rows: readonly [string, number][]) => rows.reduce((sum, [, bytes]) => sum + bytes, 0)
  const [state, events] = [of(stateTables), of(eventTables)]
  return new Map([
    ...state,
    ['STATE, ALL', sum(state)],
    ...events,
    ['EVENTS BUT THEIR PDUS, ALL', sum(events)],
    [pdus, (sizes.get(pdus) ?? 0) / changes],
  ])
}
