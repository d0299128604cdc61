import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeBase64, encodeBase64Url } from '../base64.ts'
import type { Json, JsonObject } from '../json.ts'
import { portableCrypto } from '../portable-crypto.ts'
import { type RoomVersionRules, roomVersions } from '../rooms/room-version.ts'
import { testRoom } from '../rooms/test-room.ts'
import { contentHash, eventIdOf, referenceHash } from './event-id.ts'
import type { Pdu } from './pdu.ts'
import { redact } from './redaction.ts'

/** What holds for some room versions. Each version is in one entry of a list. */
type PerVersions<T> = ({ versions: string[] } & T)[]

interface Vectors {
  /** What all events have. */
  common: JsonObject
  forms: PerVersions<{ fields: JsonObject }>
  /** The fields of `common` and of the form that a redaction takes away. */
  dropped: PerVersions<{ fields: string[] }>
  cases: {
    event: JsonObject
    /** What a redaction leaves of the content. */
    left: PerVersions<{ content: JsonObject }>
    contentHash: PerVersions<{ sha256: string }>
    referenceHash: PerVersions<{ sha256: string }>
  }[]
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../../vectors/events.json', import.meta.url), 'utf8'),
)

function at<T>(list: PerVersions<T>, { version }: RoomVersionRules): T {
  const found = list.filter(({ versions }) => versions.includes(version))
  assert.equal(found.length, 1, `version ${version} is in one entry`)
  return found[0] as T
}

function eventOf(own: JsonObject, rules: RoomVersionRules): Pdu {
  const event = { ...vectors.common, ...at(vectors.forms, rules).fields, ...own }
  if (rules.roomIdIsCreateHash && own.type === 'm.room.create') delete event.room_id
  return event as unknown as Pdu
}

function idOf(hash: string, { eventId }: RoomVersionRules, { event_id: given }: Pdu): string | undefined {
  if (eventId === 'given') return given
  return `$${eventId === 'hash' ? hash : encodeBase64Url(decodeBase64(hash) as Uint8Array)}`
}

for (const rules of roomVersions.values()) {
  test(`A3: version ${rules.version}: events of every type are redacted, hashed and named as recorded`, () => {
    for (const { event: own, left, ...hashes } of vectors.cases) {
      const event = eventOf(own, rules)
      const expected: JsonObject = { ...(event as JsonObject), content: at(left, rules).content }
      for (const field of at(vectors.dropped, rules).fields) delete expected[field]
      const what = JSON.stringify(own)
      assert.deepEqual(redact(event, rules), expected, what)
      assert.equal(contentHash(event, portableCrypto), at(hashes.contentHash, rules).sha256, what)
      const hash = at(hashes.referenceHash, rules).sha256
      assert.equal(referenceHash(event, rules, portableCrypto), hash, what)
      assert.equal(eventIdOf(event, rules, portableCrypto), idOf(hash, rules, event), what)
    }
  })

  test(`A3: version ${rules.version}: what a redaction left is left by another, and keeps hash and ID`, () => {
    for (const { event: own } of vectors.cases) {
      const event = eventOf(own, rules)
      const once = redact(event, rules)
      assert.deepEqual(redact(once, rules), once)
      assert.equal(referenceHash(once, rules, portableCrypto), referenceHash(event, rules, portableCrypto))
      assert.equal(eventIdOf(once, rules, portableCrypto), eventIdOf(event, rules, portableCrypto))
    }
  })
}

test('A3: a second redaction takes nothing more, and neither changes the ID, in every room version', () => {
  const types = [
    'm.room.member',
    'm.room.create',
    'm.room.power_levels',
    'm.room.redaction',
    'm.room.aliases',
    'x',
  ]
  const keys = [
    'membership',
    'third_party_invite',
    'signed',
    'creator',
    'users',
    'redacts',
    'aliases',
    '__proto__',
  ]
  const anything = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<Json>(null, true, 5, 'x'),
      fc.dictionary(fc.constantFrom(...keys), tie('json'), { noNullPrototype: true }),
    ),
  })).json
  const loose = fc.dictionary(fc.constantFrom(...keys), anything, { noNullPrototype: true })
  const invite = fc.record({ third_party_invite: fc.record({ signed: anything, display_name: anything }) })
  const content: fc.Arbitrary<JsonObject> = fc.oneof(loose, invite)
  const versions = fc.constantFrom(...roomVersions.values())
  fc.assert(
    fc.property(versions, fc.constantFrom(...types), content, (rules, type, given) => {
      const { event } = testRoom(rules.version)
      const { pdu } = event({ type, state_key: '', content: given })
      const once = redact({ ...pdu, unsigned: { age: 5 }, x: 1 }, rules)
      assert.deepEqual(redact(once, rules), once)
      assert.equal(eventIdOf(once, rules, portableCrypto), eventIdOf(pdu, rules, portableCrypto))
    }),
    { numRuns: 500 },
  )
})
