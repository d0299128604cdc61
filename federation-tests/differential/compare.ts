import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import type { Disagreement, JudgedRoom, Verdicts } from './cases.ts'
import type { Oracle } from './oracle.ts'
import { judgeRoom, signatureOf, signer } from './ours.ts'

/** What a comparison came to. */
export interface Comparison {
  cases: number
  disagreements: Disagreement[]
  /** How often we accepted, refused for the format, and refused by which rule. */
  verdicts: Map<string, number>
}

/** One event in this many is signed as well: signatures cover what event IDs are made of, which all are compared by. */
const signedOneIn = 10

/** Judges the events of rooms here and there; `judge` is another implementation than ours, for a trial of this check. */
export async function compareVerdicts(
  rooms: readonly JudgedRoom[],
  { rules, oracle, judge = judgeRoom }: { rules: RoomVersionRules; oracle: Oracle; judge?: typeof judgeRoom },
): Promise<Comparison> {
  const asked = oracle.ask<Verdicts[]>('auth', 'judge', rooms)
  const ours = rooms.flatMap((room) => judge(room, rules))
  const theirs = (await asked).flat()
  const verdicts = new Map<string, number>()
  const count = (name: string) => verdicts.set(name, (verdicts.get(name) ?? 0) + 1)
  for (const verdict of ours) countVerdict(verdict, count)
  const cases = rooms.flatMap((room) => room.cases.map((one) => ({ room, ...one })))
  const disagreements = cases.flatMap(({ room, event, state }, index) => {
    const held = () => state.map((at) => room.state[at] as string)
    return differences(ours[index] as Verdicts, theirs[index] as Verdicts).map((difference) => {
      return { version: room.version, event, state: held(), ...difference }
    })
  })
  return { cases: cases.length, disagreements, verdicts }
}

function countVerdict({ format, list, state }: Verdicts, count: (name: string) => void): void {
  if (format !== undefined) count('format')
  else if (!list && !state) count('accepted')
  for (const refusal of [list, state]) if (refusal) count(refusal.slice(0, refusal.indexOf(' ')))
}

type Difference = Pick<Disagreement, 'stage' | 'ours' | 'theirs'>

/** In the end an event is accepted or not; only where both give a verdict, it must be at the same stage. */
function differences(our: Verdicts, their: Verdicts): Difference[] {
  const [ours, theirs] = [refusalOf(our), refusalOf(their)]
  const isUnclear = [our.format, their.format, their.list, their.state].some(
    (refusal) =>
      typeof refusal === 'string' &&
      (refusal === our.format || refusal === their.format || refusal.startsWith('!')),
  )
  const stages = isUnclear
    ? []
    : (['list', 'state'] as const).filter((stage) => !our[stage] !== !their[stage])
  const found: Difference[] = stages.map((stage) => ({
    stage,
    ours: our[stage] ?? 'accepted',
    theirs: their[stage] ?? 'accepted',
  }))
  if (isUnclear && (ours === undefined) !== (theirs === undefined)) {
    found.push({ stage: 'verdict', ours: ours ?? 'accepted', theirs: theirs ?? 'accepted' })
  }
  return our.format === undefined && their.format === undefined
    ? [...found, ...formDifferences(our, their)]
    : found
}

const refusalOf = ({ format, list, state }: Verdicts) => format ?? list ?? state ?? undefined

function formDifferences(our: Verdicts, their: Verdicts): Difference[] {
  const forms = (['contentHash', 'eventId', 'redacted'] as const)
    .filter((form) => our[form] !== their[form])
    .map((stage) => ({ stage, ours: String(our[stage]), theirs: String(their[stage]) }))
  const [ours, theirs] = [selectionOf(our), selectionOf(their)]
  return their.selection && ours !== theirs ? [...forms, { stage: 'selection', ours, theirs }] : forms
}

/** Synapse selects the create event in every version, but never puts it into the list where it has no place there. */
function selectionOf({ selection = [] }: Verdicts): string {
  return JSON.stringify(
    selection
      .filter(([type]) => type !== 'm.room.create')
      .map(String)
      .toSorted(),
  )
}

export async function compareSignatures(
  rooms: readonly JudgedRoom[],
  rules: RoomVersionRules,
  oracle: Oracle,
): Promise<Disagreement[]> {
  const events = rooms.flatMap(({ cases }) => cases.filter((_, index) => index % signedOneIn === 0))
  const { server, keyName, seed } = signer
  const items = events.map(({ event }) => ({ version: rules.version, event, server, keyName, seed }))
  const asked = oracle.ask<string | null>('events', 'sign', items)
  const ours = events.map(({ event }) => signatureOf(event, rules))
  const theirs = await asked
  return events.flatMap(({ event }, index) => {
    const [our, their] = [ours[index] ?? null, theirs[index] ?? null]
    if (our === null || their === null || our === their) return [] // that one of them drops it, the verdicts tell
    return [{ version: rules.version, stage: 'signature', event, state: [], ours: our, theirs: their }]
  })
}
