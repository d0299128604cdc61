import type { Measurement } from './plan.ts'

export type Scenario = 'over many rooms' | 'in one room'
export type Subject = 'kith' | 'synapse' | 'kith, old snapshot'

export interface Run {
  round: number
  scenario: Scenario
  subject: Subject
  result: Measurement
}

export interface Comparison {
  scenario: Scenario
  subject: Subject
  /** Medians of the runs. */
  perSecond: number
  p50Ms: number
  p99Ms: number
  /** Throughput relative to the reference: Synapse for Kith, Kith for Kith under an old snapshot. */
  ratio?: number
  reference?: Subject
}

const references: Partial<Record<Subject, Subject>> = { kith: 'synapse', 'kith, old snapshot': 'kith' }

export function compare(runs: readonly Run[]): Comparison[] {
  const groups = Map.groupBy(runs, ({ scenario, subject }) => `${scenario}/${subject}`)
  const rows = [...groups.values()].flatMap(([first, ...others]) => (first ? [medians(first, others)] : []))
  return rows
    .map((row) => {
      const reference = references[row.subject]
      const other = rows.find(({ scenario, subject }) => scenario === row.scenario && subject === reference)
      return other ? { ...row, reference, ratio: row.perSecond / other.perSecond } : row
    })
    .toSorted((a, b) => a.scenario.localeCompare(b.scenario) || a.subject.localeCompare(b.subject))
}

function medians(first: Run, others: readonly Run[]): Comparison {
  const results = [first, ...others].map(({ result }) => result)
  const middle = (field: 'perSecond' | 'p50Ms' | 'p99Ms') => median(results.map((result) => result[field]))
  return {
    scenario: first.scenario,
    subject: first.subject,
    perSecond: middle('perSecond'),
    p50Ms: middle('p50Ms'),
    p99Ms: middle('p99Ms'),
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}

export function table(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(({ scenario, subject, perSecond, p50Ms, p99Ms, ratio, reference }) => [
    scenario,
    subject,
    perSecond.toFixed(0),
    p50Ms.toFixed(1),
    p99Ms.toFixed(1),
    ratio === undefined ? '' : `${ratio.toFixed(2)} x ${reference}`,
  ])
  const lines = [['scenario', 'server', 'sends/s', 'p50 ms', 'p99 ms', 'ratio'], ...rows]
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
