import { roomVersions } from '@kith/spec/rooms/room-version'
import type { Disagreement } from './cases.ts'
import { compareSignatures, compareVerdicts } from './compare.ts'
import { explain } from './explanations.ts'
import { chance } from './generate/chance.ts'
import { generateCases } from './generate/events.ts'
import type { Oracle } from './oracle.ts'
import { rulesOf } from './ours.ts'

export interface Run {
  version: string
  seed: number
  /** At least this many cases. */
  count: number
  oracle: Oracle
  onProgress?: (cases: number) => void
}

/** What many comparisons came to. */
export interface Outcome {
  cases: number
  /** How often we accepted, refused for the format, and refused by which rule. */
  verdicts: Map<string, number>
  /** By the name of the explanation. */
  explained: Map<string, number>
  unexplained: Disagreement[]
}

const roomsAtOnce = 50
/** A wrong rule fails everywhere; that need not be kept. */
const mostKept = 20

export function newOutcome(): Outcome {
  return { cases: 0, verdicts: new Map(), explained: new Map(), unexplained: [] }
}

/** Generated events of one room version, as we judge them and as Synapse does. */
export async function runEvents({ version, seed, count, oracle, onProgress }: Run): Promise<Outcome> {
  const rules = rulesOf(version)
  const random = chance(seed + [...roomVersions.keys()].indexOf(version))
  const outcome = newOutcome()
  while (outcome.cases < count) {
    const rooms = Array.from({ length: roomsAtOnce }, () => generateCases(random, rules))
    const { cases, disagreements, verdicts } = await compareVerdicts(rooms, { rules, oracle })
    outcome.cases += cases
    for (const [name, times] of verdicts) add(outcome.verdicts, name, times)
    note(outcome, [...disagreements, ...(await compareSignatures(rooms, rules, oracle))])
    onProgress?.(outcome.cases)
  }
  return outcome
}

export function note(outcome: Outcome, disagreements: readonly Disagreement[]): void {
  for (const disagreement of disagreements) {
    const name = explain(disagreement)
    if (name !== undefined) add(outcome.explained, name, 1)
    else if (outcome.unexplained.length < mostKept) outcome.unexplained.push(disagreement)
  }
}

function add(counts: Map<string, number>, name: string, times: number): void {
  counts.set(name, (counts.get(name) ?? 0) + times)
}

/** What one needs to see why. */
export function show({ version, stage, event, state, ours, theirs }: Disagreement): string {
  return `version ${version}, ${stage}\n  we: ${ours}\n  Synapse: ${theirs}\n  ${[event, ...state].join('\n    by ')}`
}
