/**
 * Stands between the workers and PostgreSQL and spoils, when armed, the next transaction of some committer around its COMMIT.
 *
 * - `before`: COMMIT never arrives, the connection ends.
 * - `after`: COMMIT arrives, the client's connection ends at once.
 * - `unanswered`: COMMIT is carried out, the connection ends in place of the answer.
 * - `late`: the client's connection ends, and the whole transaction arrives only a while after.
 * - `stalled`: the transaction stops before its COMMIT and the connection stays: a process that froze in the middle.
 */
import { once } from 'node:events'
import net from 'node:net'

export type Spoil = 'before' | 'after' | 'unanswered' | 'late' | 'stalled'

export interface Spoiler extends AsyncDisposable {
  /** Of the database, through here. */
  url: string
  arm(spoil: Spoil): void
  /** While true new connections end at once: the database is away. */
  refuse: boolean
}

const BEGIN = Buffer.from('begin isolation level')
/** The whole message: type, length, text. */
const COMMIT = Buffer.from('Q\0\0\0\x0bcommit\0', 'latin1')
const LATE_MS = 150
const STALL_MS = 2500
/** After this nothing that was held up arrives any more. */
export const LONGEST_DELAY_MS = 4 * LATE_MS

function addressOf(url: URL): net.NetConnectOpts {
  const directory = url.searchParams.get('host')
  const port = Number(url.port || 5432)
  if (directory?.startsWith('/')) return { path: `${directory}/.s.PGSQL.${port}` }
  return { host: url.hostname, port, noDelay: true }
}

function through(databaseUrl: string, port: number): string {
  const url = new URL(databaseUrl)
  url.searchParams.delete('host')
  url.host = `127.0.0.1:${port}`
  return url.href
}

/** @param databaseUrl of a server on TCP or on a unix socket (`?host=/directory`) */
export async function startProxy(databaseUrl: string): Promise<Spoiler> {
  const target = addressOf(new URL(databaseUrl))
  const sockets = new Set<net.Socket>()
  let armed: Spoil | undefined
  const take = () => {
    const spoil = armed
    armed = undefined
    return spoil
  }
  const server = net.createServer({ noDelay: true }, (client) => {
    if (proxy.refuse) return client.destroy()
    const upstream = net.connect(target)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    }
    relay(client, upstream, take)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const proxy: Spoiler = {
    url: through(databaseUrl, address.port),
    refuse: false,
    arm(spoil) {
      armed = spoil
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}

function relay(client: net.Socket, upstream: net.Socket, take: () => Spoil | undefined): void {
  let transaction: { spoil: Spoil; bytes: Buffer } | undefined
  let swallow = false
  client.on('data', (chunk: Buffer) => {
    if (transaction === undefined) {
      const spoil = chunk.includes(BEGIN) ? take() : undefined
      if (spoil === undefined) return upstream.write(chunk)
      transaction = { spoil, bytes: Buffer.alloc(0) }
    }
    transaction.bytes = Buffer.concat([transaction.bytes, chunk])
    const commit = transaction.bytes.indexOf(COMMIT)
    if (commit < 0) return
    if (transaction.spoil === 'unanswered') swallow = true
    spoilCommit(transaction.spoil, { client, upstream, bytes: transaction.bytes, commit })
  })
  upstream.on('data', (chunk: Buffer) => {
    if (!swallow) return client.write(chunk)
    if (!chunk.includes('COMMIT') && !chunk.includes('ROLLBACK')) return
    client.destroy()
    upstream.destroy()
  })
  client.on('close', () => {
    const arrivesYet = transaction?.spoil === 'late' || transaction?.spoil === 'after'
    if (!arrivesYet) upstream.destroy()
  })
  upstream.on('close', () => client.destroy())
}

interface Spoiled {
  client: net.Socket
  upstream: net.Socket
  bytes: Buffer
  commit: number
}

function spoilCommit(spoil: Spoil, { client, upstream, bytes, commit }: Spoiled): void {
  const end = (socket: net.Socket, afterMs: number) => setTimeout(() => socket.destroy(), afterMs)
  switch (spoil) {
    case 'before':
      upstream.write(bytes.subarray(0, commit), () => upstream.destroy())
      client.destroy()
      return
    case 'after':
      upstream.write(bytes)
      client.destroy()
      end(upstream, LATE_MS)
      return
    case 'unanswered':
      upstream.write(bytes)
      return
    case 'late':
      client.destroy()
      setTimeout(() => upstream.write(bytes), LATE_MS)
      end(upstream, 2 * LATE_MS)
      return
    case 'stalled':
      upstream.write(bytes.subarray(0, commit))
      end(client, STALL_MS)
  }
}
