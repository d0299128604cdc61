import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { signIn } from './accounts.ts'

/** A server that gives the same answer to everything. */
async function answering(status: number, answer: object) {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    credentials: {
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      user: 'alice',
      password: 'a password',
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('a server that is in trouble is not taken for one that takes no passwords', async () => {
  await using inTrouble = await answering(503, { errcode: 'M_UNKNOWN', error: 'Not at the moment' })
  await using other = await answering(400, { errcode: 'M_UNKNOWN', error: 'Unknown login type' })

  await assert.rejects(signIn(inTrouble.credentials), { key: 'server-trouble' })
  await assert.rejects(signIn(other.credentials), { key: 'login-elsewhere' })
})
