import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import type { TestPerson } from '../test-person.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { createRoom, Syncer, say } from './test-syncer.ts'

async function scene(alpha: TestServer) {
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const room = await createRoom(alice, { preset: 'public_chat' })
  await bob.must('POST', `join/${room}`, {})
  return { alice, bob, room, root: await say(alice, room, 'root') }
}

const related = (rel_type: string, event_id: string, more: JsonObject = {}): JsonObject => ({
  msgtype: 'm.text',
  body: '*',
  'm.relates_to': { rel_type, event_id },
  ...more,
})

const edit = (event_id: string, body: string) =>
  related('m.replace', event_id, { 'm.new_content': { msgtype: 'm.text', body } })

async function react(person: TestPerson, room: string, [event_id, key]: [string, string]): Promise<string> {
  const content = { 'm.relates_to': { rel_type: 'm.annotation', event_id, key } }
  const sent = await person.must(
    'PUT',
    `rooms/${room}/send/m.reaction/${key}${event_id}${person.userId}`,
    content,
  )
  return String(sent.event_id)
}

const relations = (room: string, path: string) => `/_matrix/client/v1/rooms/${room}/relations/${path}`

async function ids(person: TestPerson, path: string): Promise<unknown[]> {
  const { chunk } = await person.must('GET', path)
  return (chunk as JsonObject[]).map((event) => event.event_id)
}

test('an event carries its latest edit by its sender, in every way to read it', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room, root } = await scene(alpha)
  await say(alice, room, edit(root, 'first'))
  await say(bob, room, edit(root, 'by somebody else'))
  const latest = await say(alice, room, edit(root, 'second'))
  const bundled = (event: JsonObject | undefined) => {
    const { 'm.relations': bundle } = (event?.unsigned ?? {}) as JsonObject
    return ((bundle as JsonObject | undefined)?.['m.replace'] as JsonObject | undefined)?.event_id
  }
  assert.equal(bundled(await bob.must('GET', `rooms/${room}/event/${root}`)), latest)
  const { chunk } = await bob.must('GET', `rooms/${room}/messages?dir=b&limit=10`)
  assert.equal(bundled((chunk as JsonObject[]).find((event) => event.event_id === root)), latest)
  const syncer = new Syncer(bob)
  const { events } = syncer.room(await syncer.sync(), room).timeline
  assert.equal(bundled(events.find((event) => event.event_id === root) as JsonObject | undefined), latest)
  await alice.must('PUT', `rooms/${room}/redact/${latest}/1`, {})
  assert.notEqual(bundled(await bob.must('GET', `rooms/${room}/event/${root}`)), latest)
})

test('an edit that comes with its target in one sync is bundled with it', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room } = await scene(alpha)
  const syncer = new Syncer(bob)
  await syncer.sync()
  const target = await say(alice, room, 'wrogn')
  await say(alice, room, edit(target, 'wrong'))
  const { events } = syncer.room(await syncer.sync(), room).timeline
  assert.match(JSON.stringify(events[0]?.unsigned['m.relations']), /wrong/)
})

test('a thread is summed up at its root', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room, root } = await scene(alpha)
  await say(alice, room, related('m.thread', root))
  const last = await say(alice, room, related('m.thread', root))
  const thread = async (person: TestPerson) => {
    const { unsigned } = await person.must('GET', `rooms/${room}/event/${root}`)
    const { 'm.relations': bundle } = unsigned as JsonObject
    const { latest_event, ...rest } = (bundle as JsonObject)['m.thread'] as JsonObject
    return { ...rest, latest: (latest_event as JsonObject).event_id }
  }
  assert.deepEqual(await thread(alice), { count: 2, current_user_participated: true, latest: last })
  assert.deepEqual(await thread(bob), { count: 2, current_user_participated: false, latest: last })
})

test('relations are read by type, page by page, in either direction', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room, root } = await scene(alpha)
  const likes = [
    await react(alice, room, [root, 'a']),
    await react(bob, room, [root, 'b']),
    await react(bob, room, [root, 'c']),
  ]
  const reply = await say(bob, room, related('m.reference', root))
  const annotations = relations(room, `${root}/m.annotation/m.reaction`)
  assert.deepEqual(await ids(alice, annotations), likes.toReversed())
  assert.deepEqual(await ids(alice, `${annotations}?dir=f`), likes)
  assert.deepEqual(await ids(alice, relations(room, root)), [reply, ...likes.toReversed()])
  assert.deepEqual(await ids(alice, relations(room, `${root}/m.annotation/m.strange`)), [])
  const seen: unknown[] = []
  for (let from: string | undefined = ''; from !== undefined; ) {
    const page: JsonObject = await alice.must('GET', `${annotations}?limit=2${from && `&from=${from}`}`)
    seen.push(...(page.chunk as JsonObject[]).map((event) => event.event_id))
    from = page.next_batch as string | undefined
  }
  assert.deepEqual(seen, likes.toReversed())
})

test('V7: relations of another room count for nothing, and cycles end', async () => {
  await using alpha = await startTestServer()
  const { alice, room, root } = await scene(alpha)
  const other = await createRoom(alice)
  await say(alice, other, related('m.reference', root))
  assert.deepEqual(await ids(alice, relations(room, root)), [])
  const child = await say(alice, room, related('m.thread', root))
  const grandchild = await react(alice, room, [child, 'x'])
  assert.deepEqual(await ids(alice, relations(room, `${root}?recurse=true`)), [grandchild, child])
  await alice.refused(['GET', relations(other, root)], 404, 'M_NOT_FOUND')
})

test('V7: the same annotation a second time is refused', async () => {
  await using alpha = await startTestServer()
  const { alice, bob, room, root } = await scene(alpha)
  const like = (person: TestPerson, id: string) => {
    const content = { 'm.relates_to': { rel_type: 'm.annotation', event_id: root, key: 'like' } }
    return person.call('PUT', `rooms/${room}/send/m.reaction/${id}`, { body: content })
  }
  assert.equal((await like(alice, '1')).status, 200)
  assert.deepEqual((await like(alice, '2')).body.errcode, 'M_DUPLICATE_ANNOTATION')
  assert.equal((await like(bob, '1')).status, 200)
})
