import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { SessionState } from './api.ts'
import { connectCore, serveCore } from './channel.ts'
import { openCore } from './core.ts'
import { memoryStore } from './store/memory-store.ts'

test('a page on a port sees what the core shows, and its failures with their meaning', async () => {
  const { port1, port2 } = new MessageChannel()
  const opening = openCore({ store: memoryStore() })
  serveCore(port1, opening)
  const page = connectCore(port2)

  const session = await new Promise<SessionState>((resolve) => page.watch('session', undefined, resolve))

  assert.deepEqual(session, { kind: 'signed-out' })
  await assert.rejects(page.commands.createGroup({ name: 'Garden' }), {
    name: 'CommandError',
    key: 'signed-out',
  })
  await assert.rejects(page.commands.findHomeserver('127.0.0.1:9'), { key: 'not-a-homeserver' })
  page.leave()
  ;(await opening).close()
  port2.close()
  await once(port1, 'close')
})
