import { deepStrictEqual } from 'node:assert'
import type { Effect } from '../../differential/push-scenes.ts'
import { audience, listening } from './audience.ts'
import { millisecondsPerRun, type ProtocolCase } from './measure.ts'

const members = 10_000

/** What one message does for all local members of a room: whom it notifies, whom it highlights. */
export function pushCases(): ProtocolCase[] {
  const scene = audience(members)
  const room = listening(scene)
  const theirs: ProtocolCase['theirs'] = async (oracle, atLeastMs) => {
    const [effects] = await oracle.ask<Effect[]>('push', 'evaluate', [scene])
    deepStrictEqual(room.byClass(), effects)
    deepStrictEqual(room.singly(), effects)
    return (await oracle.ask<number>('push', 'time_evaluation', [{ ...scene, atLeastMs }]))[0] as number
  }
  return [
    {
      name: `push rules of 10,000 members, ${room.lookedAt} looked at singly`,
      operations: 1,
      unit: 'ms',
      ours: (atLeastMs) => millisecondsPerRun(room.decide, atLeastMs),
      theirs,
    },
    {
      name: 'push rules of 10,000 members, all looked at singly',
      operations: 1,
      unit: 'ms',
      ours: (atLeastMs) => millisecondsPerRun(room.singly, atLeastMs),
      theirs,
    },
  ]
}
