import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { Oracle } from './oracle.ts'
import { pushScene } from './push-cases.ts'
import { type Effect, effectsOf, type PushScene } from './push-scenes.ts'

export interface PushOutcome {
  cases: number
  /** In how many of them somebody is notified. */
  notifying: number
  /** Where we and Synapse differ. */
  different: { scene: PushScene; ours: Effect[]; theirs: Effect[] }[]
}

/** Generated at once, and asked in one question. */
const batch = 2000

/** Evaluates push rules on random events, beside Synapse. */
export async function runPush(
  oracle: Oracle,
  { seed, count }: { seed: number; count: number },
): Promise<PushOutcome> {
  const outcome: PushOutcome = { cases: 0, notifying: 0, different: [] }
  while (outcome.cases < count) {
    const numRuns = Math.min(batch, count - outcome.cases)
    const scenes = fc.sample(pushScene, { numRuns, seed: seed + outcome.cases })
    const answers = await oracle.ask<Effect[]>('push', 'evaluate', scenes)
    scenes.forEach((scene, index) => {
      const [ours, theirs] = [effectsOf(scene), answers[index] ?? []]
      if (!isDeepStrictEqual(ours, theirs)) outcome.different.push({ scene, ours, theirs })
      if (theirs.some(([notify]) => notify)) outcome.notifying++
    })
    outcome.cases += numRuns
  }
  return outcome
}
