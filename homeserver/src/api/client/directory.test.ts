import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestServer } from '../test-server.ts'

test('an alias is made by a member, found by anybody, and deleted by its maker or who may', async () => {
  await using alpha = await startTestServer()
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  const { room_id } = await alice.must('POST', 'createRoom', { preset: 'public_chat' })
  const room = encodeURIComponent(String(room_id))
  const path = (name: string) => `directory/room/${encodeURIComponent(name)}`
  await bob.refused(['PUT', path('#b:alpha.test'), { room_id: room_id ?? null }], 403, 'M_FORBIDDEN')
  await bob.must('POST', `join/${room}`, {})
  await bob.must('PUT', path('#b:alpha.test'), { room_id: room_id ?? null })
  await alice.must('PUT', path('#a:alpha.test'), { room_id: room_id ?? null })
  await alice.refused(['PUT', path('#a:alpha.test'), { room_id: room_id ?? null }], 400, 'M_ROOM_IN_USE')
  await alice.refused(['PUT', path('#a:beta.test'), { room_id: room_id ?? null }], 400, 'M_INVALID_PARAM')
  assert.deepEqual(await alpha.nobody.must('GET', path('#a:alpha.test')), {
    room_id,
    servers: ['alpha.test'],
  })
  assert.deepEqual(await bob.must('GET', `rooms/${room}/aliases`), {
    aliases: ['#a:alpha.test', '#b:alpha.test'],
  })
  await bob.refused(['DELETE', path('#a:alpha.test')], 403, 'M_FORBIDDEN')
  await bob.must('DELETE', path('#b:alpha.test'))
  await bob.refused(['GET', path('#b:alpha.test')], 404, 'M_NOT_FOUND')
  const carol = await alpha.register('carol')
  await carol.refused(['GET', `rooms/${room}/aliases`], 403, 'M_FORBIDDEN')
  assert.equal((await carol.must('POST', `join/${encodeURIComponent('#a:alpha.test')}`, {})).room_id, room_id)
})
