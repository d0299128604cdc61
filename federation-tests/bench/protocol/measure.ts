import type { Oracle } from '../../differential/oracle.ts'

/** One thing that we and Synapse do, each measured inside its own process: no line of JSON is counted. */
export interface ProtocolCase {
  name: string
  /** How many operations one run does. */
  operations: number
  /** What the table gives: operations per second, or the milliseconds of one. */
  unit: '/s' | 'ms'
  /** Milliseconds per run. */
  ours(atLeastMs: number): number
  /** Milliseconds per run, measured in the oracle; see `oracle/timing.py`. */
  theirs(oracle: Oracle, atLeastMs: number): Promise<number>
}

/**
 * The median in milliseconds of at least three runs, and of as many as take the given time together. Before that it runs
 * ten times at least, unless that takes long, so that what is measured is compiled as in a server that has run for a while.
 */
export function millisecondsPerRun(operation: () => unknown, atLeastMs: number): number {
  const started = performance.now()
  for (let runs = 0; performance.now() - started < 6 * atLeastMs; runs++) {
    if (runs >= 10 && performance.now() - started >= atLeastMs / 2) break
    operation()
  }
  const runs: number[] = []
  const begun = performance.now()
  while (runs.length < 3 || performance.now() - begun < atLeastMs) {
    const start = performance.now()
    operation()
    runs.push(performance.now() - start)
  }
  return runs.toSorted((a, b) => a - b)[runs.length >> 1] as number
}

export interface Result {
  name: string
  unit: ProtocolCase['unit']
  /** In the unit of the case. */
  ours: number
  theirs: number
  /** How many times Synapse's speed. */
  ratio: number
}

export async function measure(
  { name, operations, unit, ours, theirs }: ProtocolCase,
  oracle: Oracle,
  atLeastMs: number,
): Promise<Result> {
  const ourMs = ours(atLeastMs)
  const theirMs = await theirs(oracle, atLeastMs)
  const inUnit = (ms: number) => (unit === 'ms' ? ms / operations : (operations * 1000) / ms)
  return { name, unit, ours: inUnit(ourMs), theirs: inUnit(theirMs), ratio: theirMs / ourMs }
}

export function table(results: readonly Result[]): string {
  const figure = (value: number, unit: string) =>
    `${value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)}${unit === 'ms' ? ' ms' : '/s'}`
  const rows = results.map(({ name, unit, ours, theirs, ratio }) => [
    name,
    figure(ours, unit),
    figure(theirs, unit),
    `${ratio.toFixed(1)} x`,
  ])
  const lines = [['', 'kith', 'synapse', 'speed'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return lines.map((line) => line.map(pad).join('   ')).join('\n')
}
