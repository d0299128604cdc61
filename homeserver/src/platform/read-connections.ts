/**
 * A few pipelined connections for single statements: each goes at once to the connection with the fewest unanswered,
 * so one slow statement holds up little. A connection that broke is opened anew by the next statement; the
 * statements it held fail (they may have had effects, so nothing is repeated here).
 */
import type pg from 'pg'
import { encodeParameters } from './parameters.ts'
import { statementName } from './statement-names.ts'

/** The database cannot be reached, or too much is waiting for it. The request may be tried again later. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable'
}

export interface ReadConnections {
  query(statement: { text: string; values: unknown[] }): Promise<unknown[]>
  close(): Promise<void>
}

/** More unanswered statements than this mean that the database is stuck; then more waiting helps nobody. */
const MOST_UNANSWERED = 5000

interface Slot {
  client: Promise<pg.Client> | undefined
  unanswered: number
}

export function readConnections(connect: () => Promise<pg.Client>, size: number): ReadConnections {
  const slots = Array.from({ length: size }, (): Slot => ({ client: undefined, unanswered: 0 }))
  let unanswered = 0
  let closed = false
  return {
    async query({ text, values }) {
      if (closed) throw new DatabaseUnavailable('the database is closed')
      if (unanswered >= MOST_UNANSWERED) throw new DatabaseUnavailable('too many statements are waiting')
      const query = { text, values: encodeParameters(values), name: statementName(text) }
      const slot = slots.reduce((best, other) => (other.unanswered < best.unanswered ? other : best))
      slot.unanswered++
      unanswered++
      try {
        slot.client ??= open(slot, connect)
        const client = await slot.client
        return (await client.query(query)).rows
      } finally {
        slot.unanswered--
        unanswered--
      }
    },
    async close() {
      closed = true
      await Promise.all(slots.map(async ({ client }) => (await client?.catch(() => undefined))?.end()))
    },
  }
}

function open(slot: Slot, connect: () => Promise<pg.Client>): Promise<pg.Client> {
  const forget = () => {
    // A broken client tells so twice, 'error' and 'end'; by then another may have taken its place.
    if (slot.client === opening) slot.client = undefined
  }
  const opening = connect().then(
    (client) => client.on('error', forget).on('end', forget),
    (cause) => {
      forget()
      throw new DatabaseUnavailable('the database cannot be reached', { cause })
    },
  )
  return opening
}
