import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

// Below the range from which Linux takes the source ports of outgoing connections: a server that is killed and
// started again must find its own port free.
const lowest = 20_000
const highest = 32_000

/** Finds a port that nobody listens on at this address. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(lowest, highest)
    if (await isFree(port, host)) return port
  }
  throw new Error(`no free port on ${host} between ${lowest} and ${highest}`)
}

async function isFree(port: number, host: string): Promise<boolean> {
  const probe = createServer()
  try {
    await once(probe.listen({ port, host, exclusive: true }), 'listening')
    return true
  } catch {
    return false
  } finally {
    probe.close()
  }
}
