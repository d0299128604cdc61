import type { IncomingMessage } from 'node:http'
import { encodeBase64 } from '@kith/spec/base64'
import type { SigningKey } from '@kith/spec/crypto'
import type { Json, JsonObject } from '@kith/spec/json'
import { signJson } from '@kith/spec/signing'
import { createNodeCrypto, signingKeyFromSeed } from '../../platform/crypto.ts'
import type { Database } from '../../platform/database.ts'
import { guardedClient, type OutgoingClient } from '../../platform/outgoing/client.ts'
import type { Resolver } from '../../platform/outgoing/resolver.ts'
import { testResolver, testServer, trustOnly } from '../../platform/outgoing/test-server.ts'
import { testAuthority } from '../../platform/test-certificates.ts'
import { type Federation, openFederation } from './federation.ts'

const authority = testAuthority()

export interface Request {
  method: string
  target: string
  headers: IncomingMessage['headers']
  body: string
}

export interface Answer {
  status?: number
  json?: Json
  /** Instead of `json`. */
  text?: string
  /** The answer waits for this. */
  until?: Promise<void>
}

/** Another server, on a loopback address of its own, that answers what the test says. */
export interface TestPeer extends AsyncDisposable {
  /** `127.0.2.x:port` */
  name: string
  key: SigningKey
  /** Requests so far, but those for keys. */
  requests: Request[]
  keyRequests: number
  /** What it says of its own keys; may be replaced. Undefined: 404. */
  keys: () => JsonObject | undefined
  /** Its keys wait for this. */
  keysUntil?: Promise<void>
  answer: (request: Request) => Answer
}

/** @param seed one byte that tells its key from that of other peers */
export async function testPeer(seed: number, clock: { now(): number }): Promise<TestPeer> {
  const address = `127.0.2.${seed}`
  const key = signingKeyFromSeed('ed25519:peer', new Uint8Array(32).fill(seed))
  const certificate = authority.issue(address)
  const server = await testServer({
    certificate,
    address,
    handler: async (incoming, response) => {
      const { status = 200, json, text, until } = answerTo(peer, await readRequest(incoming))
      await until
      response.writeHead(status).end(text ?? JSON.stringify(json ?? {}))
    },
  })
  const name = `${address}:${server.port}`
  const peer: TestPeer = {
    name,
    key,
    requests: [],
    keyRequests: 0,
    keys: () => keyAnswer(name, [key], { until: clock.now() + 3600_000 }),
    answer: () => ({}),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
  return peer
}

function answerTo(peer: TestPeer, request: Request): Answer {
  if (request.target === '/_matrix/key/v2/server') {
    peer.keyRequests += 1
    const keys = peer.keys()
    return keys ? { json: keys, until: peer.keysUntil } : { status: 404 }
  }
  peer.requests.push(request)
  return peer.answer(request)
}

async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const { method = '', url = '', headers } = incoming
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return { method, target: url, headers, body: Buffer.concat(chunks).toString() }
}

/** What a server with these keys says of them, signed with all of them. */
export function keyAnswer(
  server: string,
  keys: readonly SigningKey[],
  { until, old = {} }: { until: number; old?: Record<string, { key: string; expired_ts: number }> },
): JsonObject {
  const verifyKeys = keys.map(({ keyId, publicKey }) => [keyId, { key: encodeBase64(publicKey) }])
  const answer: JsonObject = {
    server_name: server,
    valid_until_ts: until,
    verify_keys: Object.fromEntries(verifyKeys),
    old_verify_keys: old,
  }
  return keys.reduce((signed, key) => signJson(signed, server, key), answer)
}

export const ownName = 'kith.example'
export const ownKey = signingKeyFromSeed('ed25519:own', new Uint8Array(32).fill(200))

export interface TestFederation extends Federation, AsyncDisposable {
  time: { now: number }
}

/** An outgoing client that trusts the authority of the peers. */
export function peerTrustingClient(): { outgoing: OutgoingClient; resolver: Resolver } {
  const resolver = testResolver({})
  const authorities = trustOnly(authority.cert)
  return { outgoing: guardedClient({ resolver, authorities, mayReach: () => true }), resolver }
}

/** This server, at a time that the test sets. It trusts the authority of the peers. */
export function testFederation(options: {
  database: Database
  time: { now: number }
  notaries?: string[]
}): TestFederation {
  const { outgoing, resolver } = peerTrustingClient()
  const federation = openFederation({
    database: options.database,
    clock: { now: () => options.time.now },
    crypto: createNodeCrypto(),
    outgoing,
    resolver,
    domains: [{ name: ownName, key: ownKey, oldKeys: [] }],
    notaries: options.notaries ?? [],
    userAgent: 'Kith/test',
  })
  return { ...federation, time: options.time, [Symbol.asyncDispose]: () => outgoing.close() }
}
