/** Follows the account over a WebSocket. Source: spec/extensions/websocket-sync.md. */

import type { SyncResponse } from '@kith/spec/api/sync'
import { isObject, type Json, type JsonObject } from '@kith/spec/json'
import { CommandError, errorOfAnswer } from '../errors.ts'
import { call } from '../http.ts'
import { type SocketRequest, syncFilter, type Transport, type TransportHost } from './transport.ts'

const path = '/_matrix/client/unstable/im.kith.websocket/sync'
const openWithinMs = 15_000
const requestWithinMs = 30_000
/** What the server accepts, in bytes of UTF-8. */
const largestFrame = 256 * 1024
const mostRequests = 32

/** Milliseconds. */
export interface HeartTimes {
  pingEveryMs: number
  pongWithinMs: number
  /** An initial sync takes its time. */
  firstBodyWithinMs: number
}

const heartTimes: HeartTimes = { pingEveryMs: 25_000, pongWithinMs: 10_000, firstBodyWithinMs: 180_000 }

export const closeCode = { restart: 1012, malformed: 4400, signedOut: 4401, tooMany: 4429 } as const

/** A connection that was closed, with the code. */
export class SocketClosed extends CommandError {
  readonly code: number
  constructor(code: number) {
    super('offline', `The connection was closed (${code})`)
    this.code = code
  }
}

type ServerFrame =
  | { type: 'sync'; body: SyncResponse }
  | { type: 'response'; id?: Json; status?: Json; body?: Json }
  | { type: 'pong' | 'error' }

interface Waiting {
  resolve(body: JsonObject): void
  reject(error: CommandError): void
  timer: ReturnType<typeof setTimeout>
}

interface Connection {
  socket: WebSocket
  waiting: Map<string, Waiting>
}

/** @param times to test with */
export function webSocket(times = heartTimes): Transport {
  let connection: Connection | undefined
  let lastId = 0
  return {
    kind: 'websocket',
    async run(host) {
      const socket = new WebSocket(host.access.baseUrl.replace(/^http/, 'ws') + path)
      const current: Connection = { socket, waiting: new Map() }
      try {
        await opened(socket, host.signal)
        sendFrame(socket, authFrame(host))
        const onReady = () => {
          connection = current
        }
        return await follow(current, host, { times, onReady })
      } catch (error) {
        return await rejectAs(error, host)
      } finally {
        connection = undefined
        socket.close()
        abandon(current)
      }
    },
    request(request) {
      if (!connection || connection.waiting.size >= mostRequests) return undefined
      lastId++
      return ask(connection, { ...request, type: 'request', id: String(lastId) })
    },
  }
}

function authFrame({ access, since }: TransportHost): JsonObject {
  const token = since()
  return {
    type: 'auth',
    access_token: access.token ?? '',
    filter: syncFilter,
    use_state_after: true,
    ...(token !== undefined && { since: token }),
  }
}

function opened(socket: WebSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const timer = setTimeout(
      () => reject(new CommandError('timeout', 'The socket did not open')),
      openWithinMs,
    )
    const end = (settle: () => void) => () => {
      clearTimeout(timer)
      settle()
    }
    socket.addEventListener('open', end(resolve), { once: true })
    socket.addEventListener(
      'close',
      end(() => reject(new SocketClosed(1006))),
      { once: true },
    )
    socket.addEventListener('error', () => {}, { once: true })
    signal.addEventListener(
      'abort',
      end(() => reject(signal.reason)),
      { once: true },
    )
  })
}

/** Bodies are applied one after the other; each is acknowledged once it is stored. */
function follow(
  current: Connection,
  host: TransportHost,
  { times, onReady }: { times: HeartTimes; onReady: () => void },
): Promise<never> {
  const { socket } = current
  let applying: Promise<void> = Promise.resolve()
  let isLive = false
  return new Promise<never>((_, reject) => {
    let isOver = false
    const heart = heartbeat(socket, times, end)
    const store = async (body: SyncResponse) => {
      if (host.signal.aborted) return
      await host.apply(body)
      sendFrame(socket, { type: 'ack', since: body.next_batch })
      if (!isLive) host.onLive()
      isLive = true
      onReady()
    }
    function end(error: unknown) {
      isOver = true
      heart.stop()
      host.signal.removeEventListener('abort', abort)
      // What arrived before is stored before anything is asked for anew.
      const rejectNow = () => reject(error)
      applying.then(rejectNow, rejectNow)
    }
    const abort = () => end(host.signal.reason)
    host.signal.addEventListener('abort', abort)
    socket.addEventListener('message', ({ data }) => {
      if (isOver) return
      const frame = parse(data)
      heart.beat(frame?.type === 'sync')
      if (frame?.type === 'sync') {
        applying = applying.then(() => store(frame.body))
        applying.catch(end)
      } else if (frame?.type === 'response') answer(current, frame)
    })
    socket.addEventListener('close', ({ code }) => end(new SocketClosed(code)))
  })
}

/** Undefined for what is not a frame; others that are not known are ignored. */
function parse(data: unknown): ServerFrame | undefined {
  if (typeof data !== 'string') return undefined
  try {
    const frame: ServerFrame | Json = JSON.parse(data)
    return typeof frame === 'object' && frame !== null && 'type' in frame ? (frame as ServerFrame) : undefined
  } catch {
    return undefined
  }
}

function heartbeat(socket: WebSocket, times: HeartTimes, onLost: (error: CommandError) => void) {
  const lost = () => onLost(new CommandError('timeout', 'The connection is silent'))
  let hasBody = false
  let timer = setTimeout(ping, times.pingEveryMs)
  const late = setTimeout(lost, times.firstBodyWithinMs)
  function ping() {
    sendFrame(socket, { type: 'ping' })
    // The first body may be large, and the answer stand behind it.
    timer = hasBody ? setTimeout(lost, times.pongWithinMs) : setTimeout(ping, times.pingEveryMs)
  }
  return {
    /** Something came. */
    beat(isBody: boolean) {
      clearTimeout(timer)
      timer = setTimeout(ping, times.pingEveryMs)
      if (!isBody) return
      hasBody = true
      clearTimeout(late)
    },
    stop() {
      clearTimeout(timer)
      clearTimeout(late)
    },
  }
}

function sendFrame(socket: WebSocket, frame: JsonObject): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
}

function ask(
  { socket, waiting }: Connection,
  frame: SocketRequest & { id: string },
): Promise<JsonObject> | undefined {
  const text = JSON.stringify(frame)
  if (socket.readyState !== WebSocket.OPEN || new TextEncoder().encode(text).length > largestFrame)
    return undefined
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      waiting.delete(frame.id)
      reject(new CommandError('timeout', 'The server did not answer'))
    }, requestWithinMs)
    waiting.set(frame.id, { resolve, reject, timer })
    socket.send(text)
  })
}

function answer(
  { waiting }: Connection,
  { id, status, body }: Extract<ServerFrame, { type: 'response' }>,
): void {
  const request = typeof id === 'string' ? waiting.get(id) : undefined
  if (!request || typeof id !== 'string' || typeof status !== 'number') return
  clearTimeout(request.timer)
  waiting.delete(id)
  const content = isObject(body) ? body : {}
  if (status >= 200 && status < 300) request.resolve(content)
  else request.reject(errorOfAnswer(status, content))
}

/** Nobody knows whether these were carried out: they are tried again, with the same transaction IDs. */
function abandon({ waiting }: Connection): void {
  for (const { reject, timer } of waiting.values()) {
    clearTimeout(timer)
    reject(new CommandError('offline', 'The connection was closed'))
  }
  waiting.clear()
}

/** A token that was refused is asked about over HTTP, which says whether it is for good. */
async function rejectAs(error: unknown, { access, signal }: TransportHost): Promise<never> {
  if (error instanceof SocketClosed && error.code === closeCode.signedOut) {
    await call(access, 'whoAmI', { signal })
  }
  throw error
}
