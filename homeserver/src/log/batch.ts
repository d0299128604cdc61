/** The statements of one transaction, in the order that the log needs: the head lock first, the log's own rows last. */
import { type Sql, sql } from '../platform/database.ts'
import { encodeParameters, type Parameter } from '../platform/parameters.ts'
import { statementName } from '../platform/statement-names.ts'
import { BASE, type KindDefinition } from './kind.ts'
import type { TailRow, Unit } from './log.ts'

// biome-ignore lint/suspicious/noExplicitAny: kinds of every payload stand in one map
export type Kinds = ReadonlyMap<number, KindDefinition<any>>

/** A statement whose values are ready for the wire: sending it cannot fail halfway. */
export interface Prepared {
  text: string
  name: string | undefined
  values: Parameter[]
}

/**
 * All between BEGIN and COMMIT.
 *
 * @param batch the batch's identity: see `log_settle`
 * @throws what a kind's `statements` throws, or TypeError for a value that is no SQL parameter
 */
export function batchStatements(batch: bigint, units: readonly Unit[], kinds: Kinds): Prepared[] {
  const statements = [
    enter(batch, units),
    ...kindStatements(units, kinds),
    ...transactionKeys(units),
    ...roomStates(units),
    logRows(batch, units),
  ]
  return statements.map(({ text, values }) => ({
    text,
    name: statementName(text),
    values: encodeParameters(values),
  }))
}

/** What the tail is told of units that were committed. */
export function committedRows(base: number, units: readonly Unit[]): TailRow[] {
  return units
    .flatMap(({ changes }) => changes)
    .map((change, index) => ({ ...change, position: base + index + 1 }))
}

function enter(batch: bigint, units: readonly Unit[]): Sql {
  const keys = units.flatMap((unit) => unit.transactionKeys.map(({ key }) => key))
  const versions = new Map<number, number>()
  for (const { room } of units) {
    if (room && !versions.has(room.number)) versions.set(room.number, room.stateVersion)
  }
  return sql`select log_enter(${batch}, ${keys}, ${[...versions.keys()]}, ${[...versions.values()]}) as base`
}

function kindStatements(units: readonly Unit[], kinds: Kinds): Sql[] {
  const byKind = new Map<number, { offset: number; payload: unknown }[]>()
  for (const [index, { kind, payload }] of units.flatMap(({ changes }) => changes).entries()) {
    const rows = byKind.get(kind) ?? []
    byKind.set(kind, rows)
    rows.push({ offset: index + 1, payload })
  }
  return [...byKind].flatMap(([kind, rows]) => kinds.get(kind)?.statements(rows) ?? [])
}

/** Each unit with the offset of its last change. */
function withOffsets(units: readonly Unit[]): { unit: Unit; offset: number }[] {
  let offset = 0
  return units.map((unit) => {
    offset += unit.changes.length
    return { unit, offset }
  })
}

function transactionKeys(units: readonly Unit[]): Sql[] {
  const rows = withOffsets(units).flatMap(({ unit, offset }) =>
    unit.transactionKeys.map(({ key, result }) => ({ key, result, offset })),
  )
  if (rows.length === 0) return []
  return [
    sql`insert into transaction_keys (key, result, position)
      select key, result, ${BASE} + "offset"
      from unnest(${rows.map(({ key }) => key)}::text[], ${rows.map(({ result }) => result)}::text[],
        ${rows.map(({ offset }) => offset)}::bigint[]) as t(key, result, "offset")`,
  ]
}

function roomStates(units: readonly Unit[]): Sql[] {
  const rows = withOffsets(units).flatMap(({ unit: { room }, offset }) =>
    room?.next ? [{ room: room.number, version: room.stateVersion + 1, root: room.next.root, offset }] : [],
  )
  if (rows.length === 0) return []
  return [
    sql`insert into room_states (room, version, root, position)
      select room, version, root, ${BASE} + "offset"
      from unnest(${rows.map(({ room }) => room)}::bigint[], ${rows.map(({ version }) => version)}::bigint[],
        ${rows.map(({ root }) => root)}::bigint[], ${rows.map(({ offset }) => offset)}::bigint[])
        as t(room, version, root, "offset")`,
  ]
}

function logRows(batch: bigint, units: readonly Unit[]): Sql {
  const changes = units.flatMap((unit) => unit.changes)
  return sql`insert into log (position, kind, room, user_number, relay, batch)
    select ${BASE} + "offset", kind, room, user_number, relay, ${batch}
    from unnest(${changes.map(({ kind }) => kind)}::integer[], ${changes.map(({ room }) => room)}::bigint[],
      ${changes.map(({ user }) => user)}::bigint[], ${changes.map(({ relay }) => relay)}::text[])
      with ordinality as t(kind, room, user_number, relay, "offset")`
}
