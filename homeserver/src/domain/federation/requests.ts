import type { BodyOf, Endpoint, Method, ParamsOf, QueryOf, ReturnsOf } from '@kith/spec/api/endpoint'
import { encodeBase64 } from '@kith/spec/base64'
import { canonicalJson } from '@kith/spec/canonical-json'
import type { SigningKey } from '@kith/spec/crypto'
import type { JsonObject } from '@kith/spec/json'
import type { OutgoingClient, OutgoingResponse } from '../../platform/outgoing/client.ts'
import { OutgoingError } from '../../platform/outgoing/outgoing-error.ts'
import { answerObject, checkedAnswer, refusalIn } from './answers.ts'
import type { BackOff } from './back-off.ts'
import type { Discovery } from './discovery.ts'
import { RemoteError } from './remote-error.ts'
import { pathOf, type Query, requestTarget } from './request-target.ts'
import { formatXMatrix, signedRequestBytes } from './x-matrix.ts'

/** How a request is made, whatever it asks. */
export interface RequestOptions {
  /** The local domain that asks and signs. Absent only where nobody needs to be known: signing keys. */
  origin?: string
  destination: string
  /** For the whole exchange; 30 s unless said. */
  timeoutMs?: number
  /** Of the answer; 10 MiB unless said. */
  maxBytes?: number
  /** Tries although the destination failed lately. For whoever keeps his own schedule. */
  retry?: boolean
}

export interface FederationRequest extends RequestOptions {
  method: Method
  /** Percent-encoded. */
  path: string
  query?: Query
  /** A string is canonical JSON already. */
  body?: JsonObject | string
}

/** A request by its contract. */
export type Call<E extends Endpoint> = RequestOptions & {
  params: ParamsOf<E>
  query?: QueryOf<E>
  body?: BodyOf<E> | string
}

/** Signed requests to other servers. All throw RemoteError, and M_INVALID_PARAM for a bad server name. */
export interface FederationClient {
  request(request: FederationRequest): Promise<JsonObject>
  /** The answer as it came, for those who look at the raw text of events. */
  requestRaw(request: FederationRequest): Promise<Uint8Array>
  call<E extends Endpoint>(contract: E, call: Call<E>): Promise<ReturnsOf<E>>
}

export interface FederationClientOptions {
  client: OutgoingClient
  discovery: Discovery
  backOff: BackOff
  signingKey: (domain: string) => SigningKey
  userAgent: string
}

/** Under way or waiting for a connection. Past it a destination is overloaded by us, and requests fail at once. */
const requestsPerDestination = 100

export function federationClient(options: FederationClientOptions): FederationClient {
  const underWay = new Map<string, number>()
  const requestRaw = async (request: FederationRequest) => {
    const { destination, retry } = request
    const count = underWay.get(destination) ?? 0
    const waitMs = retry ? 0 : options.backOff.waitMs(destination)
    if (waitMs > 0)
      throw new RemoteError(destination, 'could not be reached lately', { retryAfterMs: waitMs })
    if (count >= requestsPerDestination) throw new RemoteError(destination, 'too many requests are waiting')
    underWay.set(destination, count + 1)
    try {
      return await exchange(options, request)
    } finally {
      leave(underWay, destination)
    }
  }
  const request = async (asked: FederationRequest) => answerObject(asked.destination, await requestRaw(asked))
  return {
    requestRaw,
    request,
    async call(contract, { params, query, body, ...rest }) {
      const path = pathOf(contract.path, params as Record<string, unknown>)
      const answer = await request({
        ...rest,
        method: contract.method,
        path,
        query: query as Query,
        body: body as JsonObject,
      })
      return checkedAnswer(rest.destination, contract, answer)
    },
  }
}

function leave(underWay: Map<string, number>, destination: string): void {
  const left = (underWay.get(destination) ?? 1) - 1
  if (left > 0) underWay.set(destination, left)
  else underWay.delete(destination)
}

/** Sends, and tells the back-off what came of it. */
async function exchange(options: FederationClientOptions, request: FederationRequest): Promise<Uint8Array> {
  const { destination } = request
  const response = await send(options, request).catch((error: unknown) => {
    if (!(error instanceof OutgoingError)) throw error
    options.backOff.failed(destination)
    options.discovery.doubt(destination)
    throw new RemoteError(destination, failureText[error.reason], { cause: error })
  })
  if (response.status >= 200 && response.status < 300) {
    options.backOff.succeeded(destination)
    return response.body
  }
  const refusal = refusalIn(destination, response)
  if (isOutage(refusal)) options.backOff.failed(destination, refusal.retryAfterMs)
  else options.backOff.succeeded(destination)
  throw refusal
}

const failureText: Record<OutgoingError['reason'], string> = {
  refused: 'has no address that may be reached',
  certificate: 'could not prove its name',
  timeout: 'did not answer in time',
  'too large': 'sent an answer that is too large',
  redirects: 'redirects',
  unreachable: 'could not be reached',
}

/** Whether the whole server is out of order or asks to be left alone, and not this request only. */
function isOutage({ status = 0, errcode }: RemoteError): boolean {
  return status === 429 || (status >= 502 && errcode === undefined)
}

async function send(options: FederationClientOptions, request: FederationRequest): Promise<OutgoingResponse> {
  const { destination, method, timeoutMs = 30_000, maxBytes = 10 * 1024 * 1024 } = request
  const target = requestTarget(request.path, request.query)
  const body = typeof request.body === 'object' ? canonicalJson(request.body, { floats: true }) : request.body
  const { hostHeader, ...route } = await within(timeoutMs, options.discovery.route(destination))
  const headers: Record<string, string> = { host: hostHeader, 'user-agent': options.userAgent }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (request.origin !== undefined) {
    const signed = { method, uri: target, origin: request.origin, destination, content: body }
    headers.authorization = authorization(signed, options.signingKey(request.origin))
  }
  const url = `https://${hostHeader}${target}`
  return options.client.request({ method, url, headers, body, route, timeoutMs, maxBytes })
}

function authorization(
  signed: { method: string; uri: string; origin: string; destination: string; content?: string },
  key: SigningKey,
): string {
  const sig = encodeBase64(key.sign(signedRequestBytes(signed)))
  return formatXMatrix({ origin: signed.origin, destination: signed.destination, key: key.keyId, sig })
}

/** Looking for the server counts too. It goes on, so that the next request finds it done. */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new OutgoingError('timeout', 'discovery takes too long')), timeoutMs)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
