import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RecordingProxy extends AsyncDisposable {
  url: string
  /** The paths of the scripts that were asked for, those of workers too. */
  scripts: Set<string>
}

/** Stands before a server and writes down which scripts a browser loads. It passes no upgrades: clients poll. */
export async function recordingProxy(serverUrl: string): Promise<RecordingProxy> {
  const scripts = new Set<string>()
  const server = createServer((incoming, answer) => {
    const { pathname } = new URL(incoming.url ?? '/', serverUrl)
    if (pathname.endsWith('.js')) scripts.add(pathname)
    const { method, headers } = incoming
    const outgoing = request(new URL(incoming.url ?? '/', serverUrl), { method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    outgoing.on('error', () => answer.destroy())
    incoming.pipe(outgoing)
  })
  server.on('upgrade', (_, socket) => {
    socket.end('HTTP/1.1 501 Not Implemented\r\nConnection: close\r\n\r\n')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    scripts,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
