import { nodeCrypto } from '@kith/homeserver/platform/crypto'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { authorize, authStateOf } from '@kith/spec/rooms/auth/authorize'
import { roomVersions } from '@kith/spec/rooms/room-version'
import { eventOf, rulesOf } from '../../differential/ours.ts'
import { millisecondsPerRun, type ProtocolCase } from './measure.ts'
import { sampleRoom } from './sample-room.ts'

/** Verdicts on events at hand, each by a list of state events at hand. */
export function authCases(): ProtocolCase[] {
  return ['10', '12'].filter((version) => roomVersions.has(version)).map(caseOf)
}

function caseOf(version: string): ProtocolCase {
  const rules = rulesOf(version)
  const room = sampleRoom(version)
  const state = room.state.map((text) => eventOf(text, rules))
  const cases = room.cases.map((one) => ({
    event: eventOf(one.event, rules),
    held: one.state.map((index) => state[index] as RoomEvent),
  }))
  const context = { rules, crypto: nodeCrypto }
  const checkAll = () => {
    for (const { event, held } of cases) {
      const verdict = authorize(event, authStateOf(held), context)
      if (!verdict.allowed) throw new Error(`refused by rule ${verdict.rule}: ${verdict.reason}`)
    }
  }
  return {
    name: `auth checks, version ${version}`,
    operations: cases.length,
    unit: '/s',
    ours: (atLeastMs) => millisecondsPerRun(checkAll, atLeastMs),
    theirs: async (oracle, atLeastMs) =>
      (await oracle.ask<number>('auth', 'time_checks', [{ ...room, atLeastMs }]))[0] as number,
  }
}
