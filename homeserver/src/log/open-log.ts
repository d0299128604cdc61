/** Puts the log together: committer, tail, kinds. */
import type { Bus } from '../platform/bus.ts'
import type { Database } from '../platform/database.ts'
import { Committer } from './committer.ts'
import type { KindDefinition } from './kind.ts'
import { defaultLimits, type LogLimits } from './limits.ts'
import type { Log } from './log.ts'
import { measureRow } from './measure.ts'
import { Session } from './session.ts'
import { openTail } from './tail.ts'

export interface LogOptions {
  database: Database
  bus: Bus
  limits?: Partial<LogLimits>
  /** Told of what no caller sees: retries, listeners that fail, a database that is away. */
  report?: (what: string, error: unknown) => void
}

export async function openLog({ database, bus, limits: given, report = () => {} }: LogOptions): Promise<Log> {
  const limits = { ...defaultLimits, ...given }
  // biome-ignore lint/suspicious/noExplicitAny: kinds of every payload stand in one map
  const kinds = new Map<number, KindDefinition<any>>()
  const tail = await openTail({ db: database, bus, limits, report, bytes: (row) => measureRow(row, kinds) })
  const committer = new Committer({
    session: new Session(database, limits),
    kinds,
    limits,
    head: () => tail.head,
    committed: (rows, base) => tail.committed(rows, base),
    report,
  })
  return {
    tail,
    commit: (unit) => committer.commit(unit),
    register(kind) {
      if (kinds.has(kind.kind)) throw new Error(`the kind ${kind.kind} is registered twice`)
      kinds.set(kind.kind, kind)
    },
    async stop() {
      await committer.stop()
      tail.stop()
    },
  }
}
