import { canonicalJson } from '@kith/spec/canonical-json'

/** What the signature of a request between servers covers. Source: server-server API, "Request Authentication". */
export interface SignedRequest {
  method: string
  /** Path and query as they go over the wire. */
  uri: string
  origin: string
  /** Absent in requests of servers from before v1.3. */
  destination?: string
  /** The body, already in canonical form; absent where there is none. */
  content?: string
}

const utf8 = new TextEncoder()

/** The canonical form of the object that is signed. The body is not encoded again: it may have megabytes. */
export function signedRequestBytes({ method, uri, origin, destination, content }: SignedRequest): Uint8Array {
  const members = [
    content === undefined ? undefined : `"content":${content}`,
    destination === undefined ? undefined : `"destination":${canonicalJson(destination)}`,
    `"method":${canonicalJson(method)}`,
    `"origin":${canonicalJson(origin)}`,
    `"uri":${canonicalJson(uri)}`,
  ]
  return utf8.encode(`{${members.filter((member) => member !== undefined).join(',')}}`)
}

/** The parameters of an `Authorization: X-Matrix` header. */
export interface XMatrix {
  origin: string
  destination?: string
  /** A key ID: `ed25519:abc`. */
  key: string
  /** Base64. */
  sig: string
}

export function formatXMatrix({ origin, destination, key, sig }: XMatrix): string {
  const to = destination === undefined ? '' : `destination="${destination}",`
  return `X-Matrix origin="${origin}",${to}key="${key}",sig="${sig}"`
}

/** One `name=value`, quoted or not, and the comma after it. Values without quotes may hold colons and slashes. */
const parameter =
  /[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",]*))[ \t]*(?:,|$)/y

/**
 * Reads a header's value; undefined where it is of another scheme or malformed, repeats a parameter, or lacks one
 * that is needed. Unknown parameters are ignored, as is the case of names.
 */
export function parseXMatrix(header: string): XMatrix | undefined {
  const scheme = /^X-Matrix[ \t]+/i.exec(header)
  if (!scheme) return undefined
  const found = new Map<string, string>()
  parameter.lastIndex = scheme[0].length
  while (parameter.lastIndex < header.length) {
    const match = parameter.exec(header)
    if (!match) return undefined
    const name = (match[1] ?? '').toLowerCase()
    if (found.has(name)) return undefined
    found.set(name, match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? '')
  }
  const [origin, key, sig] = [found.get('origin'), found.get('key'), found.get('sig')]
  if (!origin || !key || !sig) return undefined
  return { origin, destination: found.get('destination'), key, sig }
}
