import { setTimeout as delay } from 'node:timers/promises'
import type { Json, JsonObject } from '@kith/spec/json'

/** An answer of the client API that isn't 2xx. */
export class MatrixFailure extends Error {
  override name = 'MatrixFailure'
  readonly status: number
  /** The `errcode`; empty when the body had none. */
  readonly code: string
  readonly body: JsonObject

  constructor(request: string, status: number, body: JsonObject) {
    const code = typeof body.errcode === 'string' ? body.errcode : ''
    super(`${request}: ${status} ${code} ${JSON.stringify(body.error ?? body)}`)
    this.status = status
    this.code = code
    this.body = body
  }
}

export interface Access {
  /** Where the server answers. */
  url: string
  token?: string
}

export interface Call {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Under `/_matrix/client`, for instance `/v3/sync`. */
  path: string
  query?: Record<string, string | number | boolean | readonly string[] | undefined>
  body?: Json
  timeoutMs?: number
  signal?: AbortSignal
}

const defaultTimeoutMs = 60_000
/** How long a server may be away before people give up. */
const patienceMs = 60_000

/** Makes one request. Rejects with `MatrixFailure`, or with what `fetch` throws when there was no answer. */
export async function call<T = JsonObject>(access: Access, request: Call): Promise<T> {
  const url = new URL(`${access.url}/_matrix/client${request.path}`)
  for (const [name, value] of Object.entries(request.query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) url.searchParams.append(name, String(one))
    }
  }
  const timeout = AbortSignal.timeout(request.timeoutMs ?? defaultTimeoutMs)
  const response = await fetch(url, {
    method: request.method,
    headers: {
      ...(access.token && { authorization: `Bearer ${access.token}` }),
      ...(request.body !== undefined && { 'content-type': 'application/json' }),
    },
    body: request.body === undefined ? null : JSON.stringify(request.body),
    signal: request.signal ? AbortSignal.any([timeout, request.signal]) : timeout,
  })
  const text = await response.text()
  const body = parseBody(text)
  if (!response.ok) throw new MatrixFailure(`${request.method} ${url.pathname}`, response.status, body)
  return body as T
}

function parseBody(text: string): JsonObject {
  try {
    return JSON.parse(text)
  } catch {
    return { error: text }
  }
}

/** Puts values into a path, each as one segment: path`/v3/rooms/${room}/join`. */
export function path(parts: TemplateStringsArray, ...values: string[]): string {
  return String.raw({ raw: parts }, ...values.map(encodeURIComponent))
}

/**
 * Does work again while the server is away: no connection, a connection that broke, 503, or 429.
 *
 * For requests that may be repeated: reads, and writes that carry a transaction id or set something.
 * @param signal ends the patience, not a try that is under way
 * @returns the result, and how often it was tried
 */
export async function persist<T>(
  work: () => Promise<T>,
  signal = AbortSignal.timeout(patienceMs),
): Promise<{ result: T; tries: number }> {
  for (let tries = 1; ; tries += 1) {
    try {
      return { result: await work(), tries }
    } catch (error) {
      if (!isPassing(error) || signal.aborted) throw error
      await delay(Math.min(50 * tries, 500))
    }
  }
}

/** Whether an error says that the server is away and not that the request was wrong. 502 speaks of another server. */
export function isPassing(error: unknown): boolean {
  if (error instanceof MatrixFailure) return error.status === 429 || error.status === 503
  if (error instanceof TypeError) return error.message === 'fetch failed' || error.message === 'terminated'
  return error instanceof Error && (error.name === 'TimeoutError' || 'code' in error)
}
