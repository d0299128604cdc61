import { once } from 'node:events'
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net'
import { openDatabase } from './database.ts'
import { type ScratchDatabase, scratchDatabase } from './scratch-database.ts'

/** A test's database that can go away: `await using database = await databaseBehindProxy()`. */
export interface DatabaseBehindProxy extends ScratchDatabase {
  /** Ends all connections, and those to come, until it is back. */
  goAway(): void
  comeBack(): void
  /** The database itself, which is always there. */
  itself: ScratchDatabase
}

/** Connections pass through a proxy on a TCP port, as through the network. */
export async function databaseBehindProxy(): Promise<DatabaseBehindProxy> {
  const itself = await scratchDatabase()
  const proxy = await startProxy(addressOf(new URL(itself.url)))
  const url = through(itself.url, proxy.port)
  const database = await openDatabase({ url })
  return {
    ...database,
    ...proxy,
    url,
    itself,
    async [Symbol.asyncDispose]() {
      await database.close()
      await proxy.close()
      await itself[Symbol.asyncDispose]()
    },
  }
}

function addressOf(url: URL): NetConnectOpts {
  const directory = url.searchParams.get('host')
  const port = Number(url.port || 5432)
  return directory?.startsWith('/')
    ? { path: `${directory}/.s.PGSQL.${port}` }
    : { host: url.hostname, port, noDelay: true }
}

function through(databaseUrl: string, port: number): string {
  const url = new URL(databaseUrl)
  url.searchParams.delete('host')
  url.host = `127.0.0.1:${port}`
  return url.href
}

async function startProxy(target: NetConnectOpts) {
  const sockets = new Set<Socket>()
  let isAway = false
  const server = createServer({ noDelay: true }, (client) => {
    if (isAway) return client.destroy()
    const upstream = connect(target)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => {}).on('close', () => sockets.delete(from) && to.destroy())
      from.pipe(to)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const cutAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: address.port,
    goAway() {
      isAway = true
      cutAll()
    },
    comeBack() {
      isAway = false
    },
    async close() {
      cutAll()
      server.close()
      await once(server, 'close')
    },
  }
}
