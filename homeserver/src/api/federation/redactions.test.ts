import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import { TestMember } from '../../domain/federation/test-member.ts'
import { type PeerScene, setPeerScene } from './test-peer-scene.ts'

let alpha: PeerScene['alpha']
let alice: PeerScene['alice']
let peer: PeerScene['peer']
setPeerScene(160, (scene) => {
  ;({ alpha, alice, peer } = scene)
})

interface Scene {
  eve: TestMember
  room: string
}

async function scene(): Promise<Scene> {
  const { room_id: roomId } = await alice.must('POST', 'createRoom', { preset: 'public_chat' })
  const eve = new TestMember(peer, alpha.url)
  await eve.join(String(roomId))
  return { eve, room: encodeURIComponent(String(roomId)) }
}

const redaction = (target: string) => ({ type: 'm.room.redaction', content: { redacts: target } })
const say = async (room: string, body: string) =>
  String(
    (await alice.must('PUT', `rooms/${room}/send/m.room.message/${body}`, { msgtype: 'm.text', body }))
      .event_id,
  )
const contentOf = async (eventId: string) => (await alpha.server.events.one(eventId))?.pdu.content

test('A12: a user of another server redacts her own, and what is not hers only with the power', async () => {
  const { eve, room } = await scene()
  const his = await say(room, 'his')
  const hers = eve.next({ content: { body: 'hers' } })
  await eve.taken(hers, eve.next(redaction(his)), eve.next(redaction(hers.eventId)))
  assert.equal((await contentOf(his))?.body, 'his')
  assert.deepEqual(await contentOf(hers.eventId), {})
  const levels = await alice.must('GET', `rooms/${room}/state/m.room.power_levels`)
  const users = { ...(levels.users as JsonObject), [eve.userId]: 50 }
  await alice.must('PUT', `rooms/${room}/state/m.room.power_levels`, { ...levels, users })
  const { body } = await eve.call('GET', `v1/state/${room}?event_id=${eve.latest[0]}`)
  assert.ok(body.pdus)
  const head = await alpha.server.rooms.head(
    (await alpha.server.interning.rooms.existing(alpha.database, eve.roomId)) as number,
  )
  const [latest] = [...(head?.extremities.values() ?? [])]
  eve.latest = [latest?.eventId as string]
  eve.auth = [eve.auth[0] as string, latest?.eventId as string]
  await eve.taken(eve.next({ ...redaction(his), depth: (latest?.pdu.depth ?? 0) + 1 }))
  assert.deepEqual(await contentOf(his), {})
})

test('A12: a redaction of what is in another room does nothing, there and here', async () => {
  const [one, other] = [await scene(), await scene()]
  const target = one.eve.next({ content: { body: 'here' } })
  await one.eve.taken(target)
  await other.eve.taken(other.eve.next(redaction(target.eventId)))
  assert.equal((await contentOf(target.eventId))?.body, 'here')
  const late = one.eve.event({ content: { body: 'late' } })
  await other.eve.taken(other.eve.next(redaction(late.eventId)))
  await one.eve.taken(late)
  assert.equal((await contentOf(late.eventId))?.body, 'late')
})

test('A12: one that comes before its target takes effect when that comes, and one that is refused never does', async () => {
  const { eve, room } = await scene()
  const target = eve.event({ content: { body: 'early' } })
  await eve.taken(eve.next(redaction(target.eventId)))
  await eve.taken(target)
  assert.deepEqual(await contentOf(target.eventId), {})
  const regretted = eve.event({
    ...redaction(target.eventId),
    content: { redacts: target.eventId, reason: 'x' },
  })
  await eve.taken(eve.next(redaction(regretted.eventId)))
  await eve.taken(regretted)
  assert.deepEqual(await contentOf(regretted.eventId), { redacts: target.eventId })
  const kept = eve.next({ content: { body: 'kept' } })
  await eve.taken(kept)
  await alice.must('POST', `rooms/${room}/ban`, { user_id: eve.userId })
  // From before the ban, as she says: it is stored and out of sight.
  await eve.taken(eve.next(redaction(kept.eventId)))
  assert.equal((await contentOf(kept.eventId))?.body, 'kept')
})

const word = 'xylophone'

/** In which tables a word stands, as text or in bytes. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await alpha.database.query<{ name: string }>({
    text: `select table_name as name from information_schema.tables where table_schema = current_schema()`,
    values: [],
  })
  const found: string[] = []
  for (const { name } of tables) {
    const rows = await alpha.database.query({
      text: `select from "${name}" r where strpos(r::text, $1) > 0 or strpos(r::text, $2) > 0 limit 1`,
      values: [text, Buffer.from(text).toString('hex')],
    })
    if (rows.length > 0) found.push(name)
  }
  return found
}

test('A12: what was redacted is gone from every path by which it is read, and from every table', async () => {
  const { eve, room } = await scene()
  const bob = await alpha.register('bob')
  await bob.must('POST', `join/${room}`, {})
  const root = await say(room, 'root')
  const thread = { rel_type: 'm.thread', event_id: root }
  const secrets: [type: string, content: JsonObject][] = [
    ['m.room.message', { msgtype: 'm.text', body: word, 'm.mentions': { user_ids: [bob.userId] } }],
    ['m.room.message', { msgtype: 'm.text', body: word, 'm.relates_to': thread }],
    ['m.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: root, key: word } }],
    [
      'm.room.message',
      {
        body: word,
        'm.new_content': { body: word },
        'm.relates_to': { rel_type: 'm.replace', event_id: root },
      },
    ],
  ]
  const ids: string[] = []
  for (const [index, [type, content]] of secrets.entries()) {
    ids.push(String((await alice.must('PUT', `rooms/${room}/send/${type}/s${index}`, content)).event_id))
  }
  ids.push(String((await alice.must('PUT', `rooms/${room}/state/m.room.topic`, { topic: word })).event_id))
  const paths = [
    ...ids.flatMap((id) => [`rooms/${room}/event/${id}`, `rooms/${room}/context/${id}`]),
    `rooms/${room}/event/${root}`,
    `rooms/${room}/messages?dir=b&limit=100`,
    `rooms/${room}/messages?dir=f&limit=100`,
    `rooms/${room}/state`,
    `/_matrix/client/v1/rooms/${room}/relations/${root}`,
    'sync',
  ]
  const since = String((await bob.must('GET', 'sync')).next_batch)
  assert.ok((await tablesWith(word)).length > 1)
  for (const id of ids) await alice.must('PUT', `rooms/${room}/redact/${id}/r${id}`, {})
  for (const path of [...paths, `sync?since=${since}`]) {
    const { status, body } = await bob.call('GET', path)
    assert.ok(status === 200, `${path}: ${status}`)
    assert.ok(!JSON.stringify(body).includes(word), path)
  }
  const last = ids.at(-1) as string
  for (const path of [
    ...ids.map((id) => `v1/event/${id}`),
    `v1/backfill/${room}?v=${last}&limit=100`,
    `v1/state/${room}?event_id=${last}`,
  ]) {
    const { status, body } = await eve.call('GET', path)
    assert.equal(status, 200, path)
    assert.ok(!JSON.stringify(body).includes(word), path)
  }
  assert.deepEqual(await tablesWith(word), [])
})

test('A12: a server that was away is never sent what was redacted meanwhile', async () => {
  const { room } = await scene()
  peer.answer = () => ({ status: 503 })
  const secret = await say(room, 'zither')
  await say(room, 'after')
  await alice.must('PUT', `rooms/${room}/redact/${secret}/gone`, {})
  peer.requests.length = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  peer.answer = ({ body }) => {
    if (body.includes(secret.slice(1))) resolve()
    return { json: { pdus: {} } }
  }
  await say(room, 'again')
  await promise
  assert.ok(peer.requests.some(({ body }) => body.includes('"after"')))
  assert.ok(!peer.requests.some(({ body }) => body.includes('zither')))
})

test('A12: what still waits to be sent to a slow server goes out redacted', async () => {
  const { room } = await scene()
  const arrived = Promise.withResolvers<void>()
  const slow = Promise.withResolvers<void>()
  const last = Promise.withResolvers<void>()
  peer.requests.length = 0
  peer.answer = ({ body }) => {
    if (body.includes('"begin"')) arrived.resolve()
    if (body.includes('"end"')) last.resolve()
    return { json: { pdus: {} }, until: slow.promise }
  }
  await say(room, 'begin')
  await arrived.promise
  const secret = await say(room, 'dulcimer')
  await alice.must('PUT', `rooms/${room}/redact/${secret}/gone`, {})
  await say(room, 'end')
  slow.resolve()
  await last.promise
  assert.ok(!peer.requests.some(({ body }) => body.includes('dulcimer')))
})
