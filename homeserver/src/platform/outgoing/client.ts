import type { Dispatcher } from 'undici'
import { isPublicAddress } from './addresses.ts'
import type { ConnectorOptions, Route } from './connector.ts'
import { OutgoingError, toOutgoingError } from './outgoing-error.ts'
import { keepPools, type Pools } from './pools.ts'
import type { Resolver } from './resolver.ts'
import { trustedAuthorities } from './trust.ts'

export interface OutgoingRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `https:` or `http:`. */
  url: string
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** Connect there instead of to the host of the URL. Not used after a redirect. */
  route?: Route
  /** For the whole exchange, redirects included. */
  timeoutMs: number
  maxBytes: number
  /** Followed for GET only, never from https to http. None unless said. */
  maxRedirects?: number
}

export interface OutgoingResponse {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Uint8Array
}

/** All outgoing HTTP of the server: it reaches public addresses only, and an answer is bounded in time and bytes. */
export interface OutgoingClient {
  /** @throws OutgoingError. Any status is an answer and not an error. */
  request(request: OutgoingRequest): Promise<OutgoingResponse>
  close(): Promise<void>
}

export interface OutgoingOptions {
  resolver: Resolver
  /** Whether private and loopback addresses may be reached too. */
  allowPrivateAddresses: boolean
  /** A file of authorities (PEM) to trust beside those of the system. */
  caFile?: string
}

export function outgoingClient({ resolver, allowPrivateAddresses, caFile }: OutgoingOptions): OutgoingClient {
  const mayReach = allowPrivateAddresses ? () => true : isPublicAddress
  return guardedClient({ resolver, mayReach, authorities: trustedAuthorities(caFile) })
}

/** A client with its guard and its trust given. */
export function guardedClient(options: Omit<ConnectorOptions, 'connectTimeoutMs'>): OutgoingClient {
  const pools = keepPools({
    ...options,
    connectTimeoutMs: 10_000,
    socketsPerDestination: 6,
    destinations: 1000,
    idleMs: 30_000,
  })
  return { request: (request) => followRedirects(pools, request), close: () => pools.close() }
}

async function followRedirects(pools: Pools, request: OutgoingRequest): Promise<OutgoingResponse> {
  const signal = AbortSignal.timeout(request.timeoutMs)
  let url = parseUrl(request.url)
  let { headers, route } = request
  for (let left = request.maxRedirects ?? 0; ; left--) {
    const response = await exchange(pools, { ...request, url, headers, route, signal })
    const next = request.method === 'GET' && request.maxRedirects ? redirectOf(url, response) : undefined
    if (!next) return response
    if (left <= 0) throw new OutgoingError('redirects', `${request.url} redirects too often`)
    // What was meant for one host (credentials, its name) is not told to another.
    if (next.origin !== url.origin) headers = undefined
    route = undefined
    url = next
  }
}

function parseUrl(text: string): URL {
  const url = URL.parse(text)
  if (!url) throw new OutgoingError('unreachable', `${text} is not an address`)
  return url
}

interface Exchange extends Omit<OutgoingRequest, 'url'> {
  url: URL
  signal: AbortSignal
}

async function exchange(pools: Pools, request: Exchange): Promise<OutgoingResponse> {
  const { url, method, signal, maxBytes } = request
  try {
    const response = await pools.get(url.origin, request.route).request({
      method,
      path: url.pathname + url.search,
      headers: request.headers,
      body: request.body,
      signal,
      headersTimeout: request.timeoutMs,
      bodyTimeout: request.timeoutMs,
    })
    const body = await readBody(response, maxBytes)
    return { status: response.statusCode, headers: response.headers, body }
  } catch (error) {
    throw toOutgoingError(error)
  }
}

async function readBody(response: Dispatcher.ResponseData, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  // Leaving the loop by an error destroys the stream, and the socket with it.
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > maxBytes) throw new OutgoingError('too large', `the answer is over ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

function redirectOf(url: URL, { status, headers }: OutgoingResponse): URL | undefined {
  const isRedirect = status === 301 || status === 302 || status === 303 || status === 307 || status === 308
  const { location } = headers
  if (!isRedirect || typeof location !== 'string') return undefined
  const next = URL.parse(location, url)
  const isAllowed = next?.protocol === 'https:' || (next?.protocol === 'http:' && url.protocol === 'http:')
  if (!next || !isAllowed) throw new OutgoingError('redirects', `${url.href} redirects to no https address`)
  return next
}
