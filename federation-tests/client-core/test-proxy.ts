import { once } from 'node:events'
import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'
import { relaySockets, type SocketRelay } from './socket-relay.ts'

export interface TestProxy extends AsyncDisposable {
  url: string
  sockets: SocketRelay
  /** How many answers were lost. */
  readonly lost: number
  /** The paths of what was asked by HTTP. */
  readonly paths: readonly string[]
}

/** A network on the way to a server that loses nothing. */
export const plainProxy = (serverUrl: string) => proxyTo(serverUrl, () => false)

/**
 * A network on the way to a server that loses the answer to each new send: the server has carried it out, and the client
 * sees a broken connection.
 */
export function lossyProxy(serverUrl: string): Promise<TestProxy> {
  const known = new Set<string>()
  return proxyTo(serverUrl, (txnId) => {
    const isNew = !known.has(txnId)
    known.add(txnId)
    return isNew
  })
}

/** @param loses whether the answer to a send is lost */
async function proxyTo(serverUrl: string, loses: (txnId: string) => boolean): Promise<TestProxy> {
  const paths: string[] = []
  let lost = 0
  const isLost = (txnId: string) => {
    if (!loses(txnId)) return false
    lost++
    return true
  }
  const proxy = createServer((request, response) => {
    const path = request.url ?? ''
    paths.push(path)
    const losing = /\/(?:send|redact)\/.*\/([^/]+)$/.exec(path)?.[1]
    const options = { method: request.method, headers: { ...request.headers, connection: 'close' } }
    const onward = forward(serverUrl + path, options, (answer) => {
      if (losing !== undefined && isLost(losing)) {
        answer.resume().once('end', () => response.destroy())
        return
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  const sockets = relaySockets(
    proxy,
    serverUrl,
    ({ method, txn_id }) => method === 'send' && isLost(String(txn_id)),
  )
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    sockets,
    paths,
    get lost() {
      return lost
    },
    async [Symbol.asyncDispose]() {
      sockets.block()
      proxy.closeAllConnections()
      proxy.close()
    },
  }
}
