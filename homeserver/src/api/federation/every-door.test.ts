// What is wrong with an event keeps it out by whichever door it comes: a transaction, or an answer of another server.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeBase64 } from '@kith/spec/base64'
import { contentHash, eventIdOf, referenceBytes } from '@kith/spec/events/event-id'
import type { Pdu, RoomEvent } from '@kith/spec/events/pdu'
import type { JsonObject } from '@kith/spec/json'
import { foreignRoom } from '../../domain/federation/test-foreign-room.ts'
import { type MadeEvent, TestMember } from '../../domain/federation/test-member.ts'
import type { Answer, Request } from '../../domain/federation/test-peer.ts'
import { nodeCrypto } from '../../platform/crypto.ts'
import { type PeerScene, setPeerScene } from './test-peer-scene.ts'

let laterMs = 0
const clock = { now: () => Date.now() + laterMs }

let alpha: PeerScene['alpha']
let alice: PeerScene['alice']
let peer: PeerScene['peer']
setPeerScene(
  150,
  (scene) => {
    ;({ alpha, alice, peer } = scene)
  },
  clock,
)

/** An event as it goes over the wire. */
interface Sent {
  eventId: string
  text: string
}

/** Makes wrong events of a room. All of them bear the mark in their text. */
type Faults = (eve: TestMember, mark: string) => Sent[]

const type = 'org.example.thing'
const texts = (events: readonly Sent[]) => events.map(({ text }) => text)
const ids = (events: readonly Sent[]) => events.map(({ eventId }) => eventId)

function sent(eve: TestMember, made: MadeEvent): Sent {
  const { eventId, pdu } = eve.event({ type, ...made })
  return { eventId, text: JSON.stringify(pdu) }
}

/** An event with another content than was signed. The signature holds all the same: it covers the redacted form. */
function withContent(eve: TestMember, stateKey: string, content: string): Sent {
  const { eventId, text } = sent(eve, { stateKey, content: { body: 'CONTENT' } })
  return { eventId, text: text.replace('{"body":"CONTENT"}', content) }
}

/** An event rightly hashed and signed, whatever is wrong with it otherwise. */
function signedAnyhow(eve: TestMember, stateKey: string, change: JsonObject): Sent {
  const { hashes: _, signatures: __, ...pdu } = eve.event({ type, stateKey: '', content: {} }).pdu
  const bare = { ...pdu, state_key: stateKey, ...change } as Pdu
  const hashed = { ...bare, hashes: { sha256: contentHash(bare, nodeCrypto) } } as Pdu
  const signature = encodeBase64(eve.peer.key.sign(referenceBytes(hashed, eve.rules)))
  const signed = { ...hashed, signatures: { [eve.peer.name]: { [eve.peer.key.keyId]: signature } } }
  return { eventId: eventIdOf(signed, eve.rules, nodeCrypto), text: JSON.stringify(signed) }
}

const faults: [id: string, what: string, make: Faults][] = [
  [
    'J2',
    'whose text is not canonical',
    (eve, mark) =>
      [
        '{"a":1.0}',
        '{"a":1e3}',
        '{"a":-0}',
        '{"a":9007199254740992}',
        '{"a":1,"a":1}',
        '{"a":"\\ud800"}',
      ].map((content, index) => withContent(eve, `${mark} ${index}`, content)),
  ],
  [
    'J3',
    'nested too deep',
    (eve, mark) => [withContent(eve, mark, `${'{"a":'.repeat(130)}1${'}'.repeat(130)}`)],
  ],
  [
    'J4',
    'of more than 65,536 bytes',
    (eve, mark) => [withContent(eve, mark, `{"a":"${'x'.repeat(65_400)}"}`)],
  ],
  [
    'J5',
    'with a field of more than 255 bytes',
    (eve, mark) => [
      signedAnyhow(eve, mark, { type: 'x'.repeat(256) }),
      signedAnyhow(eve, mark, { type: 'é'.repeat(128) }),
      signedAnyhow(eve, `${mark}${'x'.repeat(256)}`, {}),
      signedAnyhow(eve, mark, { sender: `@${'x'.repeat(250)}:${peer.name}` }),
    ],
  ],
  [
    'J6',
    'with a field missing or of a wrong kind, or too many references',
    (eve, mark) => [
      signedAnyhow(eve, mark, { depth: -1 }),
      signedAnyhow(eve, mark, { depth: '1' }),
      signedAnyhow(eve, mark, { origin_server_ts: null }),
      signedAnyhow(eve, mark, { prev_events: Array.from({ length: 21 }, () => eve.latest[0] as string) }),
      signedAnyhow(eve, mark, { auth_events: Array.from({ length: 11 }, () => eve.auth[0] as string) }),
      signedAnyhow(eve, mark, { prev_events: 'none' }),
      signedAnyhow(eve, mark, { content: [] }),
      { eventId: unknownId, text: `{"state_key":"${mark}"}` },
      { eventId: unknownId, text: `["${mark}"]` },
    ],
  ],
  [
    'A1',
    'that its sender’s server did not sign',
    (eve, mark) => {
      const signedBy = (signatures: JsonObject, index = Object.keys(signatures).length) => {
        const { pdu, eventId } = eve.event({ type, stateKey: `${mark}${index}`, content: {} })
        return { eventId, text: JSON.stringify({ ...pdu, signatures }) }
      }
      return [
        signedBy({}),
        signedBy({ [peer.name]: { 'ed25519:peer': 'A'.repeat(86) } }),
        sent(eve, { stateKey: mark, sender: alice.userId }),
      ]
    },
  ],
  [
    'A5',
    'of another room',
    (eve, mark) => {
      const elsewhere = Object.assign(new TestMember(peer, alpha.url), {
        ...eve,
        roomId: '!elsewhere:kith.test',
      })
      return [sent(elsewhere, { stateKey: mark })]
    },
  ],
]

interface Scene {
  eve: TestMember
  room: string
  /** Of the state before her join. */
  stateIds: string[]
}

async function scene(version = '12'): Promise<Scene> {
  const options = {
    preset: 'public_chat',
    room_version: version,
    power_level_content_override: { state_default: 0 },
  }
  const { room_id: roomId } = await alice.must('POST', 'createRoom', options)
  const room = encodeURIComponent(String(roomId))
  const eve = new TestMember(peer, alpha.url)
  await eve.join(String(roomId))
  const { body } = await eve.call(
    'GET',
    `v1/state_ids/${room}?event_id=${encodeURIComponent(eve.latest[0] as string)}`,
  )
  return { eve, room, stateIds: [...(body.pdu_ids as string[]), eve.latest[0] as string] }
}

/** What the peer answers by the last part of an operation's name. */
function answers(by: Record<string, (request: Request) => string>): void {
  peer.answer = (request): Answer => {
    for (const [name, answer] of Object.entries(by)) {
      if (request.target.includes(`/${name}/`)) return { text: answer(request) }
    }
    return { status: 404, json: { errcode: 'M_NOT_FOUND' } }
  }
}

const list = (name: string, events: readonly Sent[]) => () => `{"${name}":[${texts(events).join()}]}`
const stateIds = (pduIds: readonly string[]) => () => JSON.stringify({ pdu_ids: pduIds, auth_chain_ids: [] })

/** Brings wrong events and a good one to us, in a room of some version. */
type Door = (make: (eve: TestMember) => { bad: Sent[]; good: Sent }, version: string) => Promise<unknown>

const doors: Record<string, Door> = {
  async send(make, version) {
    const { eve } = await scene(version)
    const { bad, good } = make(eve)
    await eve.outcomes(...texts(bad), good.text)
  },
  async get_missing_events(make, version) {
    const { eve, stateIds: before } = await scene(version)
    const { bad, good } = make(eve)
    answers({ get_missing_events: list('events', [...bad, good]), state_ids: stateIds(before) })
    await eve.taken(eve.event({ prev: [good.eventId, ...ids(bad)], depth: eve.depth + 2 }))
  },
  async backfill(make, version) {
    const { eve, room, stateIds: before } = await scene(version)
    const { bad, good } = make(eve)
    answers({ state_ids: stateIds(before) })
    await eve.taken(eve.event({ prev: [good.eventId, ...ids(bad)], depth: eve.depth + 2 }))
    answers({ backfill: list('pdus', [...bad, good]), state_ids: stateIds(before) })
    await alice.must('GET', `rooms/${room}/messages?dir=b&limit=100`)
  },
  async event(make, version) {
    const { eve, stateIds: before } = await scene(version)
    const { bad, good } = make(eve)
    const byId = new Map([...bad, good].map((one) => [one.eventId, one]))
    answers({
      state_ids: stateIds([...before, good.eventId, ...ids(bad)]),
      event: ({ target }) =>
        list('pdus', [byId.get(decodeURIComponent(target.split('/').at(-1) ?? '')) ?? good])(),
    })
    await eve.outcomes(eve.event({ prev: [unknownId], depth: eve.depth + 2 }))
  },
  async state(make, version) {
    const { eve, stateIds: before } = await scene(version)
    const { bad, good } = make(eve)
    const many = Array.from(
      { length: 31 },
      (_, index) => `$${'A'.repeat(40)}${String(index).padStart(2, '0')}A`,
    )
    answers({
      state_ids: stateIds([...before, ...many, good.eventId, ...ids(bad)]),
      state: () => `{"auth_chain":[${texts(bad).join()}],"pdus":[${texts([...bad, good]).join()}]}`,
    })
    await eve.outcomes(eve.event({ prev: [unknownId], depth: eve.depth + 2 }))
  },
  async event_auth(make, version) {
    const { eve } = await scene(version)
    const { bad, good } = make(eve)
    answers({ event_auth: list('auth_chain', [...bad, good]) })
    await eve.outcomes(eve.event({ auth: [...eve.auth, good.eventId, ...ids(bad)].slice(0, 10) }))
  },
  async send_join(make, version) {
    const room = foreignRoom(peer, alpha.url, version === '12' ? '11' : version)
    const { bad, good } = make(room.eve)
    peer.answer = (request) => room.answer(request, { state: [...texts(bad), good.text], chain: texts(bad) })
    const joiner = await alpha.register(`joiner${++joiners}`)
    await joiner.must('POST', `join/${encodeURIComponent(room.eve.roomId)}?via=${peer.name}`, {})
    const { body: state } = await joiner.call('GET', `rooms/${encodeURIComponent(room.eve.roomId)}/state`)
    assert.ok(JSON.stringify(state).includes('"good '))
  },
}
const unknownId = `$${'x'.repeat(42)}A`
let joiners = 0

async function isKept(mark: string): Promise<boolean> {
  const rows = await alpha.database.query<{ kept: boolean }>({
    text: `select exists (select from events where position(convert_to($1, 'UTF8') in pdu) > 0) as kept`,
    values: [mark],
  })
  return rows[0]?.kept === true
}

let marks = 0

/** The first with hashes for IDs, the first whose JSON is strict, and the last. */
const versions = ['3', '6', '12']

for (const [id, what, make] of faults) {
  for (const version of versions.filter((each) => id !== 'J2' || each !== '3')) {
    test(`${id}: version ${version}: an event ${what} comes in by no door, and keeps no other out`, async (t) => {
      for (const [name, bring] of Object.entries(doors)) {
        await t.test(name, async () => {
          const mark = `${id.toLowerCase()}-${++marks} `
          const made = (eve: TestMember) => ({
            bad: make(eve, `bad ${mark}`),
            good: sent(eve, { stateKey: `good ${mark}` }),
          })
          await bring(made, version)
          assert.ok(await isKept(`good ${mark}`), 'the good one is not there')
          assert.ok(!(await isKept(`bad ${mark}`)), 'the bad one is there')
          laterMs += 60_000
        })
      }
    })
  }
}

test('J6: an event that names another twice is an event like others, here or missing', async () => {
  const { eve, room, stateIds: before } = await scene()
  const missed = eve.next({ prev: [unknownId, unknownId, ...eve.latest, ...eve.latest] })
  answers({ state_ids: stateIds(before) })
  const last = eve.next({ prev: [missed.eventId, missed.eventId], depth: missed.pdu.depth + 1 })
  await eve.taken(last)
  answers({ backfill: list('pdus', [sentForm(missed)]), state_ids: stateIds(before) })
  const { chunk } = await alice.must('GET', `rooms/${room}/messages?dir=b&limit=3`)
  const seen = (chunk as JsonObject[]).map(({ event_id }) => event_id)
  assert.deepEqual(seen.slice(0, 2), [last.eventId, missed.eventId])
})

const sentForm = ({ eventId, pdu }: RoomEvent): Sent => ({ eventId, text: JSON.stringify(pdu) })
