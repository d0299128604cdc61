import assert from 'node:assert/strict'
import { test } from 'node:test'
import { say } from '../client/test-syncer.ts'
import { type Scene, startScene } from './test-scene.ts'
import { TestSocket, textsOf } from './test-socket.ts'

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}`)

/** Ben acknowledges nothing while Ann says 1 to 12; another device of his hears all. */
async function talkTo(slow: TestSocket, { alpha, ann, room }: Scene) {
  const witness = await TestSocket.follow(await alpha.nobody.logIn('ben'))
  for (const number of numbers(1, 7)) {
    await say(ann, room, number)
    assert.deepEqual(textsOf(await slow.body()), [number])
    await witness.readUntil(number)
  }
  for (const number of numbers(8, 12)) {
    await say(ann, room, number)
    await witness.readUntil(number)
  }
}

test('W2: no more than eight bodies are on the way; what happens meanwhile comes in the next one', async () => {
  await using scene = await startScene()
  const slow = await TestSocket.signIn(scene.ben)
  const first = await slow.body()

  await talkTo(slow, scene)
  await slow.ping()
  assert.deepEqual(slow.untaken, [])
  slow.acknowledge(first)

  assert.deepEqual(textsOf(await slow.body()), numbers(8, 12))
})

test('an acknowledgement covers the bodies before', async () => {
  await using scene = await startScene()
  const { ann, room, ben } = scene
  const bens = await TestSocket.signIn(ben)
  for (let round = 0; round < 3; round++) {
    let last = await bens.body()
    for (const number of numbers(1, 7)) {
      await say(ann, room, number)
      last = await bens.body()
      assert.deepEqual(textsOf(last), [number])
    }
    bens.acknowledge(last)
    await say(ann, room, 'next')
  }
})

test('what was held back beyond the limit of a timeline makes it limited', async () => {
  await using scene = await startScene()
  const filter = JSON.stringify({ room: { timeline: { limit: 3 } } })
  const slow = await TestSocket.signIn(scene.ben, { filter })
  const first = await slow.body()

  await talkTo(slow, scene)
  slow.acknowledge(first)

  const body = await slow.body()
  const timeline = body.rooms.join[scene.room]?.timeline
  assert.deepEqual([textsOf(body), timeline?.limited], [numbers(10, 12), true])
  const { chunk } = await scene.ben.must(
    'GET',
    `rooms/${scene.room}/messages?dir=b&limit=2&from=${timeline?.prev_batch}`,
  )
  assert.match(JSON.stringify(chunk), /"body":"9".*"body":"8"/)
})

test('W2: a client that acknowledges nothing is closed with 4408, and resumes from its token without loss', async () => {
  await using scene = await startScene({ socketTimes: { slowMs: 1500 } })
  const { alpha, ann, ben, room } = scene
  const [slow, quick] = [
    await TestSocket.signIn(ben),
    await TestSocket.follow(await alpha.nobody.logIn('ben')),
  ]
  const { next_batch: since } = await slow.body()
  for (const number of numbers(1, 3)) await say(ann, room, number)
  await quick.readUntil('3')

  await slow.isClosed(4408)
  await quick.ping()
  const resumed = await TestSocket.signIn(ben, { since })
  assert.deepEqual(await resumed.readUntil('3'), numbers(1, 3))
})

test('W2: who was sent more has more time to acknowledge it', async () => {
  await using scene = await startScene({ socketTimes: { slowMs: 100 } })
  const { ann, ben, room } = scene
  for (const number of numbers(1, 8)) await say(ann, room, number.repeat(20_000))
  const large = await TestSocket.signIn(ben)
  await large.body()
  const small = await TestSocket.signIn(ben, { filter: '{"room":{"rooms":[]}}' })

  await small.isClosed(4408)

  await large.ping()
})

test('W2: a client that asks and does not read what is answered is cut off', async () => {
  await using scene = await startScene({ socketTimes: { closingMs: 100 } })
  const deaf = await TestSocket.follow(scene.ann)
  const isGone = deaf.closed.then(() => true)
  deaf.socket.on('error', () => {})
  deaf.socket.pause()
  const request = { type: 'request', id: '\u0001'.repeat(64), method: 'unknown' }

  while (deaf.socket.readyState === deaf.socket.OPEN) {
    for (let count = 0; count < 1000; count++) deaf.send(request)
    await new Promise<void>((resolve) => deaf.socket.send('{"type":"of tomorrow"}', () => resolve()))
  }

  deaf.socket.resume()
  assert.equal(await isGone, true)
  await TestSocket.follow(scene.ann)
})
