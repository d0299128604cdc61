import type { IncomingMessage } from 'node:http'
import type { Endpoint } from '@kith/spec/api/endpoint'
import { tooLarge } from '@kith/spec/errors'
import type { Json } from '@kith/spec/json'
import { type JsonLimits, parseJson } from '@kith/spec/strict-json'
import { RequestAborted } from './errors.ts'

/**
 * Reads a request's body. How long that may take is the listener's business.
 *
 * @throws MatrixError M_TOO_LARGE as soon as it is known; RequestAborted when the client hangs up
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw bodyTooLarge(maxBytes)
  const chunks: Buffer[] = []
  let bytes = 0
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBytes) reject(bodyTooLarge(maxBytes))
    else chunks.push(chunk)
  })
  const aborted = () => {
    // Every request closes, after its end too. An error is dear: it keeps where it was made.
    if (!request.complete) reject(new RequestAborted())
  }
  request.once('end', resolve).once('error', aborted).once('close', aborted)
  await promise
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
}

const bodyTooLarge = (maxBytes: number) => tooLarge(`The body has more than ${maxBytes} bytes`)

/** Parses a body as its contract says. @param limits instead of the usual ones @throws MatrixError M_NOT_JSON, M_BAD_JSON */
export function parseBody({ bodyUse, json }: Endpoint, bytes: Uint8Array, limits: JsonLimits = {}): Json {
  if (bodyUse === 'none' || (bodyUse === 'optional' && bytes.length === 0)) return {}
  return parseJson(bytes, json, limits)
}
