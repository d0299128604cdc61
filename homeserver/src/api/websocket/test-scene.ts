import type { JsonObject } from '@kith/spec/json'
import { createRoom } from '../client/test-syncer.ts'
import type { TestPerson } from '../test-person.ts'
import { startTestServer, type TestServer, type TestServerOptions } from '../test-server.ts'

/** Ann and Ben in one room. */
export interface Scene extends AsyncDisposable {
  alpha: TestServer
  ann: TestPerson
  ben: TestPerson
  room: string
  /** The members of a request that sends a text, each with another transaction ID. */
  text(body: string): JsonObject
}

export async function startScene(options: TestServerOptions = {}): Promise<Scene> {
  const alpha = await startTestServer(options)
  const [ann, ben] = [await alpha.register('ann'), await alpha.register('ben')]
  const room = await createRoom(ann, { preset: 'public_chat' })
  await ben.must('POST', `join/${room}`, {})
  let count = 0
  const text = (body: string) => ({
    room_id: room,
    event_type: 'm.room.message',
    txn_id: `m${++count}`,
    content: { msgtype: 'm.text', body },
  })
  return { alpha, ann, ben, room, text, [Symbol.asyncDispose]: () => alpha[Symbol.asyncDispose]() }
}
