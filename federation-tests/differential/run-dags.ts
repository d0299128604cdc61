import { roomVersions } from '@kith/spec/rooms/room-version'
import {
  type Dag,
  playDag,
  resolveStates,
  type State,
  type Step,
  tipsOf,
} from '@kith/spec/rooms/state-resolution/test-dag'
import { type Chance, chance } from './generate/chance.ts'
import type { Oracle } from './oracle.ts'

export interface DagRun {
  version: string
  seed: number
  count: number
  oracle: Oracle
  onProgress?: (dags: number) => void
  /** Another way to resolve than ours, for a trial of this check. */
  resolve?: typeof resolveStates
}

export interface DagOutcome {
  dags: number
  /** States that met, and how many of these meetings had something to resolve. */
  meetings: number
  conflicts: number
  /** How many ended otherwise than by taking one of the states whole. */
  mixed: number
  /** What one needs to see why we and Synapse came to other states. */
  unexplained: string[]
}

interface Answer {
  /** The IDs of the events in the state, sorted. */
  state?: string[]
  failed?: string
}

const dagsAtOnce = 20
const meetingsPerDag = 6
const mostKept = 5

/** Rooms that fork: the states that meet in them, as we resolve them and as Synapse does. */
export async function runDags(run: DagRun): Promise<DagOutcome> {
  const random = chance(run.seed + [...roomVersions.keys()].indexOf(run.version))
  const outcome: DagOutcome = { dags: 0, meetings: 0, conflicts: 0, mixed: 0, unexplained: [] }
  while (outcome.dags < run.count) {
    const rooms = Array.from({ length: Math.min(dagsAtOnce, run.count - outcome.dags) }, () => {
      const dag = playDag(run.version, anySteps(random))
      return { dag, meetings: meetingsIn(dag, random) }
    })
    await compare(rooms, run, outcome)
    outcome.dags += rooms.length
    run.onProgress?.(outcome.dags)
  }
  return outcome
}

function anySteps(random: Chance): Step[] {
  const any = () => random.between(0, 1000)
  return Array.from({ length: random.between(20, 60) }, () => ({
    sender: any(),
    action: any(),
    target: any(),
    value: any(),
    joins: any(),
    from: any(),
    skew: any(),
  }))
}

/** What a server may have to resolve: the states at the tips, and at any two or three events. */
function meetingsIn(dag: Dag, random: Chance): State[][] {
  const all = [...dag.after.values()]
  const anyState = () => all[random.between(0, all.length)] as State
  const others = Array.from({ length: meetingsPerDag - 1 }, () =>
    Array.from({ length: random.between(2, 4) }, anyState),
  )
  const tips = tipsOf(dag).map((id) => dag.after.get(id) as State)
  return tips.length > 1 ? [tips, ...others] : others
}

interface Room {
  dag: Dag
  meetings: State[][]
}

async function compare(rooms: readonly Room[], run: DagRun, outcome: DagOutcome): Promise<void> {
  const { version, oracle, resolve = resolveStates } = run
  const items = rooms.map(({ dag, meetings }) => ({
    version,
    events: [...dag.events.values()].map(({ pdu }) => JSON.stringify(pdu)),
    meetings: meetings.map((states) => states.map((state) => [...state.values()])),
  }))
  const asked = oracle.ask<Answer[]>('resolution', 'resolve', items)
  const ours = rooms.map(({ dag, meetings }) => meetings.map((states) => idsOf(resolve(dag, states))))
  const theirs = await asked
  rooms.forEach(({ dag, meetings }, room) => {
    meetings.forEach((states, index) => {
      const [our, their] = [ours[room]?.[index] ?? [], theirs[room]?.[index] ?? {}]
      count(states.map(idsOf), our, outcome)
      if (our.join() === their.state?.join() || outcome.unexplained.length >= mostKept) return
      outcome.unexplained.push(show(dag, { version, states: states.map(idsOf), our, their }))
    })
  })
}

const idsOf = (state: State): string[] => [...new Set(state.values())].sort()

function count(states: readonly string[][], resolved: readonly string[], outcome: DagOutcome): void {
  const texts = new Set(states.map(String))
  outcome.meetings++
  if (texts.size > 1) outcome.conflicts++
  if (texts.size > 1 && !texts.has(String(resolved))) outcome.mixed++
}

interface Disagreement {
  version: string
  states: readonly string[][]
  our: readonly string[]
  their: Answer
}

/** Only what is peculiar to either result, and all events to play it again. */
function show(dag: Dag, { version, states, our, their }: Disagreement): string {
  const text = (id: string) => `${id} ${JSON.stringify(dag.events.get(id)?.pdu)}`
  const theirs = their.state ?? []
  return [
    `version ${version}, resolution${their.failed === undefined ? '' : `: ${their.failed}`}`,
    ...our.filter((id) => !theirs.includes(id)).map((id) => `  only we have ${text(id)}`),
    ...theirs.filter((id) => !our.includes(id)).map((id) => `  only Synapse has ${text(id)}`),
    ...states.map((ids) => `  of ${ids.join(' ')}`),
    ...[...dag.events.keys()].map((id) => `    ${text(id)}`),
  ].join('\n')
}
