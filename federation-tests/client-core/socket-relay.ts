import type { Server } from 'node:http'
import { isObject, type Json, type JsonObject } from '@kith/spec/json'
import { WebSocket, WebSocketServer } from 'ws'

export interface SocketRelay {
  /** The methods of the requests that went over sockets. */
  readonly methods: readonly string[]
  /** Cuts all connections, and passes no upgrade any longer. */
  block(): void
}

/** Passes sockets on to a server. @param losesAnswer whether the connection breaks instead of answering a request */
export function relaySockets(
  proxy: Server,
  serverUrl: string,
  losesAnswer: (request: JsonObject) => boolean,
): SocketRelay {
  const upgrader = new WebSocketServer({ noServer: true })
  const methods: string[] = []
  let isBlocked = false
  proxy.on('upgrade', (request, stream, head) => {
    if (isBlocked) {
      stream.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n')
      return
    }
    const onward = new WebSocket(serverUrl.replace('http', 'ws') + request.url)
    upgrader.handleUpgrade(request, stream, head, (client) => {
      const losing = new Set<Json | undefined>()
      join(client, onward, (frame) => {
        if (frame.type !== 'request') return true
        methods.push(String(frame.method))
        if (losesAnswer(frame)) losing.add(frame.id)
        return true
      })
      join(onward, client, (frame) => frame.type !== 'response' || !losing.has(frame.id))
    })
  })
  return {
    methods,
    block() {
      isBlocked = true
      for (const client of upgrader.clients) client.terminate()
    },
  }
}

/** Passes on what comes, and the end. @param passes whether to pass a frame, or to cut the connection */
function join(from: WebSocket, to: WebSocket, passes: (frame: JsonObject) => boolean): void {
  const held: string[] = []
  to.on('open', () => {
    for (const text of held.splice(0)) to.send(text)
  })
  from.on('message', (data: Buffer) => {
    const text = data.toString()
    const frame: Json = JSON.parse(text)
    if (isObject(frame) && !passes(frame)) {
      from.terminate()
      to.terminate()
    } else if (to.readyState === WebSocket.CONNECTING) held.push(text)
    else to.send(text)
  })
  from.on('error', () => {})
  from.on('close', (code) => {
    const isSpoken = code !== 1005 && code !== 1006
    if (isSpoken && to.readyState === WebSocket.OPEN) to.close(code)
    else to.terminate()
  })
}
