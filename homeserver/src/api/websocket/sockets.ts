/** The sockets of one listener: who may open one, whose they are, and when they end. */
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { forbidden, limitExceeded } from '@kith/spec/errors'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Homeserver } from '../../domain/homeserver.ts'
import { Overloaded } from '../../platform/gate.ts'
import { kinds } from '../../storage/kinds.ts'
import { type Origin, originTeller } from '../client-address.ts'
import { errorAnswer } from '../errors.ts'
import type { Upgrades } from '../listen.ts'
import type { RateLimiter } from '../rate-limits.ts'
import { requestIds } from '../request-ids.ts'
import { Census, retryAfterMs } from './census.ts'
import { Connection } from './connection.ts'
import { closeCodes } from './frames.ts'
import { isAllowedOrigin } from './origin-rule.ts'
import { standardTimes, type Times } from './times.ts'

export interface Sockets extends Upgrades {
  /** Tells all clients to connect again, and refuses new ones. Resolves when they are gone. */
  stop(): Promise<void>
}

export interface SocketsOptions {
  limit: RateLimiter
  times?: Partial<Times>
}

const path = '/_matrix/client/unstable/im.kith.websocket/sync'
const upgraderOptions = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: 256 * 1024,
  maxFragments: 256,
  maxBufferedChunks: 4096,
  // We look ourselves, and close with 4400.
  skipUTF8Validation: true,
}

export function createSockets(server: Homeserver, options: SocketsOptions): Sockets {
  const times = { ...standardTimes, ...options.times }
  // Its types do not know closeTimeout yet.
  const settings = { ...upgraderOptions, closeTimeout: times.closingMs }
  const upgrader = new WebSocketServer(settings)
  const census = new Census()
  const tellOrigin = originTeller(server.config.trustedProxies)
  const nextId = requestIds()
  let isStopping = false
  const unsubscribe = server.log.tail.subscribe((rows) => {
    for (const { kind, user } of rows) {
      if (kind !== kinds.session || user === undefined) continue
      for (const connection of census.ofUser(user)) connection.checkStanding()
    }
  })
  const open = (socket: WebSocket, origin: Origin) => {
    const enter = (user: number) => census.know(connection, user)
    const context = { server, origin, limit: options.limit, nextId }
    const connection = new Connection(context, socket, { times, enter })
    census.add(connection, origin.address)
    socket.once('close', () => census.remove(connection))
  }
  return {
    isFor: ({ method, url, headers }) =>
      method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && url?.split('?')[0] === path,
    take(request, stream, head) {
      const origin = tellOrigin(request)
      const isAllowed = isAllowedOrigin(request, origin, server.config.publicUrl)
      if (!isAllowed) refuse(stream, forbidden('Pages of this origin may not open a socket here'))
      else if (isStopping) refuse(stream, new Overloaded('work before the stop', retryAfterMs))
      else if (census.isCrowded(origin.address)) refuse(stream, limitExceeded(retryAfterMs))
      else upgrader.handleUpgrade(request, stream, head, (socket) => open(socket, origin))
    },
    async stop() {
      isStopping = true
      unsubscribe()
      await Promise.all([...census.all()].map((connection) => connection.end(closeCodes.restart)))
    },
  }
}

function refuse(stream: Duplex, error: unknown): void {
  const { status, body, retryAfterMs: waitMs } = errorAnswer(error, '')
  const text = JSON.stringify(body)
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...(waitMs === undefined ? [] : [`Retry-After: ${Math.ceil(waitMs / 1000)}`]),
  ]
  stream.on('error', () => stream.destroy())
  stream.once('finish', () => stream.destroy())
  stream.end(`${lines.join('\r\n')}\r\n\r\n${text}`)
}
