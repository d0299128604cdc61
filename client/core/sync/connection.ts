import type { SyncResponse } from '@kith/spec/api/sync'
import { isObject, type JsonObject } from '@kith/spec/json'
import type { ConnectionState } from '../api.ts'
import { CommandError, isSignedOut, raise } from '../errors.ts'
import { type Access, call } from '../http.ts'
import { backoffMs, type Waker } from '../waiting.ts'
import { longPoll } from './long-poll.ts'
import type { SocketRequest, Transport } from './transport.ts'
import { closeCode, SocketClosed, webSocket } from './web-socket.ts'

export interface ConnectionHost {
  access: Access
  since(): string | undefined
  apply(body: SyncResponse): Promise<void>
  onState(state: Omit<ConnectionState, 'hasSynced'>): void
  onSignedOut(error: CommandError): void
  /** Ends the wait before the next attempt. */
  waker: Waker
  signal: AbortSignal
  allowsWebSocket: boolean
}

export interface Connection {
  /** Over the socket, where there is one that takes it; undefined otherwise. */
  request(request: SocketRequest): Promise<JsonObject> | undefined
}

/** Refused or broken so often in a row, the socket is left alone for a while. */
const mostSocketFailures = 2
const withoutSocketMs = 5 * 60_000
const restartSpreadMs = 3000

interface Course {
  current: Transport | undefined
  hasSocket: boolean | undefined
  /** In a row, of any transport. */
  failures: number
  socketFailures: number
  /** Milliseconds since 1970. */
  noSocketBefore: number
}

/** Follows the account until the signal aborts or the token ends, over whatever transport works. */
export function startConnection(host: ConnectionHost): Connection {
  const course: Course = {
    current: undefined,
    hasSocket: host.allowsWebSocket ? undefined : false,
    failures: 0,
    socketFailures: 0,
    noSocketBefore: 0,
  }
  void keepUp(host, course).catch((error: unknown) => {
    if (!host.signal.aborted) raise(error)
  })
  return { request: (request) => course.current?.request?.(request) }
}

async function keepUp(host: ConnectionHost, course: Course): Promise<void> {
  for (;;) {
    host.signal.throwIfAborted()
    const error = await once(host, course)
    course.current = undefined
    if (host.signal.aborted) return
    if (error instanceof CommandError && isSignedOut(error)) return host.onSignedOut(error)
    // The store may be full, or this is a bug: what could not be stored is asked for again.
    if (!(error instanceof CommandError)) raise(error)
    await pause(host, course, error)
  }
}

/** @returns why it ended */
async function once(host: ConnectionHost, course: Course): Promise<unknown> {
  let isLive = false
  try {
    host.onState({ kind: 'connecting' })
    course.hasSocket ??= await offersSocket(host)
    const transport = course.hasSocket && Date.now() >= course.noSocketBefore ? webSocket() : longPoll()
    course.current = transport
    return await transport.run({
      ...host,
      onLive() {
        isLive = true
        Object.assign(course, { failures: 0, ...(transport.kind === 'websocket' && { socketFailures: 0 }) })
        host.onState({ kind: 'live', transport: transport.kind })
      },
    })
  } catch (error) {
    if (isLive || course.current?.kind !== 'websocket') return error
    if (error instanceof CommandError && isSignedOut(error)) return error
    return countSocketFailure(host, course, error).catch((worse: unknown) => worse)
  }
}

async function offersSocket({ access, signal }: ConnectionHost): Promise<boolean> {
  const { unstable_features: features } = await call(access, 'getVersions', { signal })
  return isObject(features) && features['im.kith.websocket_sync'] === true
}

/** Blames the socket only if the server answers otherwise. */
async function countSocketFailure(host: ConnectionHost, course: Course, error: unknown): Promise<unknown> {
  course.hasSocket = await offersSocket(host)
  course.socketFailures++
  const code = error instanceof SocketClosed ? error.code : undefined
  const isHopeless = code === closeCode.malformed || code === closeCode.tooMany
  if (isHopeless || course.socketFailures >= mostSocketFailures) {
    course.socketFailures = 0
    course.noSocketBefore = Date.now() + withoutSocketMs
  }
  return error
}

async function pause(host: ConnectionHost, course: Course, error: unknown): Promise<void> {
  course.failures++
  const isRestart = error instanceof SocketClosed && error.code === closeCode.restart
  const retryAfterMs = error instanceof CommandError ? (error.retryAfterMs ?? 0) : 0
  const waitMs = isRestart
    ? Math.random() * restartSpreadMs
    : Math.max(retryAfterMs, backoffMs(course.failures))
  host.onState({ kind: 'offline', retryAt: Date.now() + waitMs })
  await host.waker.wait(waitMs, host.signal)
}
