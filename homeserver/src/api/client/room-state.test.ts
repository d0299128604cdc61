import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestServer } from '../test-server.ts'

test('members read the state as it is, who left as it was, strangers not at all', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const carol = await alpha.register('carol')
  const { room_id } = await alice.must('POST', 'createRoom', { preset: 'public_chat', name: 'before' })
  const room = encodeURIComponent(String(room_id))
  const name = `rooms/${room}/state/m.room.name/`
  await bob.refused(['GET', name], 403, 'M_FORBIDDEN')
  await bob.must('POST', `join/${room}`, {})
  assert.deepEqual(await bob.must('GET', name), { name: 'before' })
  await bob.must('POST', `rooms/${room}/leave`, {})
  await alice.must('PUT', name, { name: 'after' })
  assert.deepEqual(await bob.must('GET', name), { name: 'before' })
  assert.deepEqual(await alice.must('GET', name.slice(0, -1)), { name: 'after' })
  await alice.refused(['GET', `rooms/${room}/state/m.none/`], 404, 'M_NOT_FOUND')
  await carol.refused(['GET', `rooms/${room}/state`], 403, 'M_FORBIDDEN')
  const visible = `rooms/${room}/state/m.room.history_visibility/`
  await alice.must('PUT', visible, { history_visibility: 'world_readable' })
  assert.deepEqual(await carol.must('GET', name), { name: 'after' })
})
