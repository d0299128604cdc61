import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { createNodeCrypto, signingKeyFromSeed } from '@kith/homeserver/platform/crypto'
import { encodeBase64 } from '@kith/spec/base64'
import { canonicalJson } from '@kith/spec/canonical-json'
import type { Crypto, SigningKey } from '@kith/spec/crypto'
import type { Pdu } from '@kith/spec/events/pdu'
import type { Json, JsonObject } from '@kith/spec/json'
import { signJson } from '@kith/spec/signing'
import { Agent, request as httpRequest } from 'undici'
import type { TestAuthority } from './certificates.ts'
import { freePort } from './ports.ts'
import { listenAddress } from './server.ts'

/** A request that another server made. */
export interface FakeRequest {
  method: string
  /** Path with query, as signed. */
  uri: string
  authorization: string
  body: FakeBody
}

export interface FakeBody {
  /** In a transaction. */
  pdus?: Pdu[]
  edus?: JsonObject[]
  [key: string]: unknown
}

/** What to answer: JSON, or exact text to send something that is none. */
export interface FakeAnswer {
  status?: number
  json?: Json
  text?: string
}

export type FakeHandler = (
  request: FakeRequest,
  path: RegExpExecArray,
) => FakeAnswer | undefined | Promise<FakeAnswer | undefined>

export interface Outgoing {
  method: 'GET' | 'PUT' | 'POST'
  /** Path with query. */
  uri: string
  body?: JsonObject
  /** Instead of the right X-Matrix header. */
  authorization?: string
}

/** A server of the federation that says and does what a test wants: the truth unless told otherwise. */
export interface FakeServer extends AsyncDisposable {
  /** `host:port` */
  readonly name: string
  readonly key: SigningKey
  readonly crypto: Crypto
  /** Every request so far, oldest first. */
  readonly received: FakeRequest[]
  /**
   * Answers requests to a path. The handler added last is asked first; undefined passes the question on. One that never
   * resolves is a server that hangs.
   */
  answer(method: string, path: RegExp, handler: FakeHandler): void
  /** Makes a signed request; returns status and body whatever they are. */
  request<T = JsonObject>(destination: string, outgoing: Outgoing): Promise<{ status: number; body: T }>
  /** The `X-Matrix` header that authorizes a request. */
  authorize(destination: string, outgoing: Outgoing): string
  /** Resolves with the first request, past or to come, that fits. */
  receives(fits: (request: FakeRequest) => boolean, withinMs?: number): Promise<FakeRequest>
}

export interface FakeServerOptions {
  authority: Pick<TestAuthority, 'cert' | 'issue'>
  host?: string
}

interface Route {
  method: string
  path: RegExp
  handler: FakeHandler
}

const receivesWithinMs = 20_000

export async function startFakeServer({
  authority,
  host = 'localhost',
}: FakeServerOptions): Promise<FakeServer> {
  const address = listenAddress(host)
  const port = await freePort(address)
  const name = `${host}:${port}`
  const key = signingKeyFromSeed('ed25519:fake', randomBytes(32))
  const arrivals = new EventEmitter()
  const received: FakeRequest[] = []
  const routes: Route[] = [keyRoute(name, key), versionRoute]
  const listener = createServer(await authority.issue(host), async (incoming, outgoing) => {
    const request = await readRequest(incoming)
    received.push(request)
    arrivals.emit('request', request)
    respond(outgoing, await answerOf(routes, request))
  })
  await once(listener.listen(port, address), 'listening')
  const agent = new Agent({ connect: { ca: authority.cert } })
  const signer = { name, key }
  return {
    name,
    key,
    crypto: createNodeCrypto(),
    received,
    answer: (method, path, handler) => void routes.unshift({ method, path, handler }),
    authorize: (destination, outgoing) => xMatrix(signer, destination, outgoing),
    async request<T>(destination: string, outgoing: Outgoing) {
      const response = await httpRequest(`https://${destination}${outgoing.uri}`, {
        dispatcher: agent,
        method: outgoing.method,
        headers: {
          authorization: outgoing.authorization ?? xMatrix(signer, destination, outgoing),
          'content-type': 'application/json',
        },
        body: outgoing.body === undefined ? null : canonicalJson(outgoing.body),
      })
      return { status: response.statusCode, body: (await response.body.json()) as T }
    },
    receives: (fits, withinMs) => firstRequest({ received, arrivals }, fits, withinMs),
    async [Symbol.asyncDispose]() {
      listener.closeAllConnections()
      listener.close()
      await agent.destroy()
    },
  }
}

function xMatrix(
  { name, key }: { name: string; key: SigningKey },
  destination: string,
  { method, uri, body }: Outgoing,
): string {
  const signed = signJson(
    { method, uri, origin: name, destination, ...(body && { content: body }) } as JsonObject,
    name,
    key,
  )
  const signature = (signed.signatures as Record<string, Record<string, string>>)[name]?.[key.keyId]
  return `X-Matrix origin="${name}",destination="${destination}",key="${key.keyId}",sig="${signature}"`
}

function keyRoute(name: string, key: SigningKey): Route {
  const keys = () => ({
    server_name: name,
    valid_until_ts: Date.now() + 24 * 3600 * 1000,
    verify_keys: { [key.keyId]: { key: encodeBase64(key.publicKey) } },
    old_verify_keys: {},
  })
  return {
    method: 'GET',
    path: /^\/_matrix\/key\/v2\/server/,
    handler: () => ({ json: signJson(keys() as JsonObject, name, key) }),
  }
}

const versionRoute: Route = {
  method: 'GET',
  path: /^\/_matrix\/federation\/v1\/version$/,
  handler: () => ({ json: { server: { name: 'Fake', version: '1' } } }),
}

async function readRequest(incoming: IncomingMessage): Promise<FakeRequest> {
  const chunks: Buffer[] = await incoming.toArray()
  const text = Buffer.concat(chunks).toString()
  return {
    method: incoming.method ?? '',
    uri: incoming.url ?? '',
    authorization: incoming.headers.authorization ?? '',
    body: text === '' ? {} : JSON.parse(text),
  }
}

async function answerOf(routes: readonly Route[], request: FakeRequest): Promise<FakeAnswer> {
  for (const { method, path, handler } of routes.slice()) {
    const match = method === request.method ? path.exec(request.uri) : null
    const answer = match && (await handler(request, match))
    if (answer) return answer
  }
  return { status: 404, json: { errcode: 'M_UNRECOGNIZED', error: 'The fake server has no answer to that' } }
}

function respond(outgoing: ServerResponse, { status = 200, json = {}, text }: FakeAnswer): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' })
  outgoing.end(text ?? JSON.stringify(json))
}

async function firstRequest(
  { received, arrivals }: { received: FakeRequest[]; arrivals: EventEmitter },
  fits: (request: FakeRequest) => boolean,
  withinMs = receivesWithinMs,
): Promise<FakeRequest> {
  const signal = AbortSignal.timeout(withinMs)
  for (let found = received.find(fits); ; found = received.find(fits)) {
    if (found) return found
    await once(arrivals, 'request', { signal })
  }
}
