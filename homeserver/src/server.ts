import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Config } from './config.ts'
import type { Database } from './platform/database.ts'
import type { Logger } from './platform/logger.ts'

export interface Server {
  /** Where the client API answers. */
  address: string
  stop(): Promise<void>
}

export async function startServer(
  config: Config,
  _parts: { database: Database; logger: Logger },
): Promise<Server> {
  const http = createServer((request, response) => {
    const isVersions = request.url === '/_matrix/client/versions'
    response.writeHead(isVersions ? 200 : 404, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify(isVersions ? { versions: ['v1.19'] } : { errcode: 'M_UNRECOGNIZED', error: 'Unknown' }),
    )
  })
  http.listen(config.listen)
  await once(http, 'listening')
  const { address, port } = http.address() as AddressInfo
  return {
    address: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    async stop() {
      http.close()
      http.closeAllConnections()
      await once(http, 'close')
    },
  }
}
