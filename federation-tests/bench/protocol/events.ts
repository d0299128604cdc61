import { canonicalJson } from '@kith/spec/canonical-json'
import { roomVersions } from '@kith/spec/rooms/room-version'
import { parseJson } from '@kith/spec/strict-json'
import { eventOf, rulesOf } from '../../differential/ours.ts'
import { millisecondsPerRun, type ProtocolCase } from './measure.ts'
import { sampleRoom } from './sample-room.ts'

const utf8 = new TextEncoder()

/** Canonical JSON of parsed events, and the way from an event's text to its checked format and ID. */
export function eventCases(): ProtocolCase[] {
  return ['10', '12'].filter((version) => roomVersions.has(version)).flatMap(casesOf)
}

function casesOf(version: string): ProtocolCase[] {
  const { state, cases } = sampleRoom(version)
  const events = [...state, ...cases.map(({ event }) => event)]
  const values = events.map((text) => parseJson(text, 'canonical'))
  const rules = rulesOf(version)
  return [
    {
      name: `canonical JSON, version ${version}`,
      operations: events.length,
      unit: '/s',
      ours: (atLeastMs) =>
        millisecondsPerRun(() => values.map((value) => utf8.encode(canonicalJson(value))), atLeastMs),
      theirs: async (oracle, atLeastMs) =>
        (await oracle.ask<number>('events', 'time_canonical', [{ events, atLeastMs }]))[0] as number,
    },
    {
      name: `event from its text, with its ID, version ${version}`,
      operations: events.length,
      unit: '/s',
      ours: (atLeastMs) => millisecondsPerRun(() => events.map((text) => eventOf(text, rules)), atLeastMs),
      theirs: async (oracle, atLeastMs) =>
        (await oracle.ask<number>('events', 'time_ids', [{ version, events, atLeastMs }]))[0] as number,
    },
  ]
}
