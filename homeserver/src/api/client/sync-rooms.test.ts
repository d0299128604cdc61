import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestServer } from '../test-server.ts'
import { createRoom, Syncer, say } from './test-syncer.ts'

test('an invite comes with what there is to know of the room, and goes when it is declined', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const room = await createRoom(alice, { name: 'Kitchen' })
  await alice.must('PUT', `rooms/${room}/state/test.secret`, { secret: true })
  const syncer = new Syncer(bob)
  await syncer.sync()
  const polling = syncer.sync({ timeout: '30000' })
  await alice.must('POST', `rooms/${room}/invite`, { user_id: bob.userId, reason: 'come' })
  const invite = (await polling).rooms.invite[room]
  const types = new Map(invite?.invite_state.events.map((event) => [event.type, event]))
  assert.deepEqual(types.get('m.room.name')?.content, { name: 'Kitchen' })
  assert.ok(types.has('m.room.create') && types.has('m.room.join_rules') && !types.has('test.secret'))
  const own = invite?.invite_state.events.find(({ state_key }) => state_key === bob.userId)
  assert.equal(own?.sender, alice.userId)
  assert.deepEqual(Object.keys((await new Syncer(bob).sync()).rooms.invite), [room])
  await bob.must('POST', `rooms/${room}/leave`, {})
  const { rooms } = await syncer.sync()
  assert.deepEqual(
    rooms.leave[room]?.timeline.events.map(({ content }) => content.membership),
    ['leave'],
  )
  assert.deepEqual((await new Syncer(bob).sync()).rooms.invite, {})
})

test('a knock is shown to who knocked', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const rules = { type: 'm.room.join_rules', state_key: '', content: { join_rule: 'knock' } }
  const room = await createRoom(alice, { name: 'Kitchen', initial_state: [rules] })
  const syncer = new Syncer(bob)
  await syncer.sync()
  await bob.must('POST', `knock/${room}`, {})
  const knock = (await syncer.sync()).rooms.knock[room]
  assert.ok(knock?.knock_state.events.some(({ type }) => type === 'm.room.name'))
})

test('who joins gets the whole room, who leaves and joins again gets it anew', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const room = await createRoom(alice, { preset: 'public_chat', name: 'Kitchen' })
  const syncer = new Syncer(bob)
  await syncer.sync()
  for (let round = 0; round < 2; round++) {
    await bob.must('POST', `join/${room}`, {})
    const joined = syncer.room(await syncer.sync(), room)
    assert.equal(syncer.stateOf(room).get('m.room.name|')?.name, 'Kitchen')
    assert.equal(joined.summary?.['m.joined_member_count'], 2)
    await bob.must('POST', `rooms/${room}/leave`, {})
    await alice.must('PUT', `rooms/${room}/state/m.room.topic`, { topic: `${round}` })
    if (round === 0) await bob.must('POST', `join/${room}`, {})
  }
  assert.equal(Object.keys((await syncer.sync()).rooms.leave).length, 1)
})

test('full_state tells all state of all rooms at once, whatever was told before', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const room = await createRoom(alice, { name: 'Kitchen' })
  const syncer = new Syncer(alice)
  await syncer.sync()
  const told = syncer.room(await syncer.sync({ full_state: 'true', timeout: '30000' }), room)
  assert.ok(told.state?.events.some(({ type }) => type === 'm.room.name'))
  assert.deepEqual(told.timeline.events, [])
})

test('a room that was forgotten is not told of again', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const room = await createRoom(alice)
  await alice.must('POST', `rooms/${room}/leave`, {})
  const filter = JSON.stringify({ room: { include_leave: true } })
  assert.deepEqual(Object.keys((await new Syncer(alice).sync({ filter })).rooms.leave), [room])
  await alice.must('POST', `rooms/${room}/forget`, {})
  assert.deepEqual((await new Syncer(alice).sync({ filter })).rooms.leave, {})
})

test('a long poll without news ends in time with a token that loses nothing', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const room = await createRoom(alice)
  const syncer = new Syncer(alice)
  await syncer.sync()
  assert.deepEqual((await syncer.sync({ timeout: '50' })).rooms.join, {})
  await say(alice, room, 'hello')
  assert.equal(syncer.room(await syncer.sync(), room).timeline.events.length, 1)
})

test('members are told as they are and as they were', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const room = await createRoom(alice, { preset: 'public_chat' })
  const at = (await new Syncer(alice).sync()).next_batch
  await bob.must('POST', `join/${room}`, {})
  await bob.must('POST', `rooms/${room}/leave`, {})
  const members = async (query: string) => {
    const { chunk } = await alice.must('GET', `rooms/${room}/members${query}`)
    return (chunk as { state_key: string }[]).map(({ state_key }) => state_key).sort()
  }
  assert.deepEqual(await members(''), [alice.userId, bob.userId])
  assert.deepEqual(await members('?membership=join'), [alice.userId])
  assert.deepEqual(await members('?not_membership=join'), [bob.userId])
  assert.deepEqual(await members(`?at=${at}`), [alice.userId])
  const { joined } = await alice.must('GET', `rooms/${room}/joined_members`)
  assert.deepEqual(Object.keys(joined as object), [alice.userId])
})

test('an event is shown with what stands around it', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const room = await createRoom(alice)
  const ids: string[] = []
  for (let n = 0; n < 9; n++) ids.push(await say(alice, room, `${n}`))
  const found = await alice.must('GET', `rooms/${room}/context/${ids[4]}?limit=4`)
  const idsOf = (name: string) => (found[name] as { event_id: string }[]).map(({ event_id }) => event_id)
  assert.deepEqual(idsOf('events_before'), [ids[3], ids[2]])
  assert.deepEqual(idsOf('events_after'), [ids[5], ids[6]])
  const page = async (query: string) => {
    const { chunk } = await alice.must('GET', `rooms/${room}/messages?limit=2&${query}`)
    return (chunk as { event_id: string }[]).map(({ event_id }) => event_id)
  }
  assert.deepEqual(await page(`dir=b&from=${found.start}`), [ids[1], ids[0]])
  assert.deepEqual(await page(`dir=f&from=${found.end}`), [ids[7], ids[8]])
})
