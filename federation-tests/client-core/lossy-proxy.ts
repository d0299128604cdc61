import { once } from 'node:events'
import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface LossyProxy extends AsyncDisposable {
  url: string
  /** How many answers were lost. */
  readonly lost: number
}

/**
 * A network on the way to a server that loses the answer to each new send: the server has carried it out, and the client
 * sees a broken connection.
 */
export async function lossyProxy(serverUrl: string): Promise<LossyProxy> {
  const sends = new Set<string>()
  let lost = 0
  const proxy = createServer((request, response) => {
    const path = request.url ?? ''
    const isNew = /\/(send|redact)\//.test(path) && !sends.has(path)
    sends.add(path)
    const options = { method: request.method, headers: { ...request.headers, connection: 'close' } }
    const onward = forward(serverUrl + path, options, (answer) => {
      if (!isNew) {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
        return
      }
      lost++
      answer.resume().once('end', () => response.destroy())
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    get lost() {
      return lost
    },
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections()
      proxy.close()
    },
  }
}
