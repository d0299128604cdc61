import { decodeBase64 } from '@kith/spec/base64'
import { canonicalJson } from '@kith/spec/canonical-json'
import type { Crypto } from '@kith/spec/crypto'
import { unauthorized } from '@kith/spec/errors'
import { isServerName } from '@kith/spec/ids'
import type { Json } from '@kith/spec/json'
import type { Clock } from '../../platform/clock.ts'
import type { KeyRing } from './key-ring.ts'
import { parseXMatrix, signedRequestBytes, type XMatrix } from './x-matrix.ts'

export interface IncomingRequest {
  method: string
  /** The request target as it came: path and query, not decoded. */
  path: string
  /** Every Authorization header. */
  authorization: readonly string[]
  /** The parsed body; undefined where there is none. */
  body?: Json
  /** The body as it came, which is JSON. */
  text?: string
}

export interface AuthenticatedServer {
  origin: string
  /** The local domain that is meant. */
  destination: string
}

export interface AuthenticationOptions {
  ring: KeyRing
  crypto: Crypto
  clock: Clock
  isLocal: (domain: string) => boolean
  /** The domain that is meant where a request does not say. */
  serverName: string
}

/** A server signs with one key, or with two while it changes them. */
const maxHeaders = 4

/**
 * Finds out which server makes a request.
 *
 * A request without a destination is taken, since servers from before v1.3 send none; that of any other server
 * cannot be turned into one, as its signature covers the destination. Source: server-server API, "Request Authentication".
 *
 * @throws MatrixError M_UNAUTHORIZED, also when the server's key cannot be had
 */
export async function authenticateServer(
  options: AuthenticationOptions,
  request: IncomingRequest,
): Promise<AuthenticatedServer> {
  const headers = request.authorization
    .slice(0, maxHeaders)
    .map(parseXMatrix)
    .filter((header) => header !== undefined)
  const [first] = headers
  if (!first) throw unauthorized('The request has no X-Matrix authorization')
  const { origin, destination } = first
  if (headers.some((header) => header.origin !== origin || header.destination !== destination)) {
    throw unauthorized('The X-Matrix headers contradict each other')
  }
  if (!isServerName(origin) || options.isLocal(origin)) throw unauthorized(`${origin} is no other server`)
  if (destination !== undefined && !options.isLocal(destination)) {
    throw unauthorized(`This server is not ${destination}`)
  }
  for (const content of signedForms(request)) {
    const signed = bytesOf(request, first, content)
    for (const header of headers) {
      if (await isSigned(options, header, signed))
        return { origin, destination: destination ?? options.serverName }
    }
  }
  throw unauthorized(`The request is not signed with a known key of ${origin}`)
}

/**
 * What may have been signed of a body. Mostly it is the text as it came, even where we could not encode the like: floats in
 * events of the first room versions, or nesting without end. It is a whole value of JSON, so no other member can hide in
 * it. Some servers send a body otherwise than they sign it: then it is its canonical form.
 */
function* signedForms({ text, body }: IncomingRequest): Generator<string | undefined> {
  if (body === undefined) return yield undefined
  if (text !== undefined) yield text
  const canonical = canonicalOf(body)
  if (canonical !== undefined && canonical !== text) yield canonical
}

/** Undefined where it has none. */
function canonicalOf(body: Json): string | undefined {
  try {
    return canonicalJson(body, { floats: true })
  } catch {
    return undefined
  }
}

function bytesOf(
  { method, path }: IncomingRequest,
  { origin, destination }: XMatrix,
  content: string | undefined,
): Uint8Array {
  try {
    return signedRequestBytes({ method, uri: path, origin, destination, content })
  } catch {
    throw unauthorized('The request cannot have been signed')
  }
}

async function isSigned(
  { ring, crypto, clock }: AuthenticationOptions,
  { origin, key: keyId, sig }: XMatrix,
  signed: Uint8Array,
): Promise<boolean> {
  const signature = decodeBase64(sig)
  if (signature?.length !== 64) return false
  const key = await ring.keyFor({ server: origin, keyId, atMs: clock.now() })
  return typeof key === 'object' && crypto.verify(key.publicKey, signed, signature)
}
