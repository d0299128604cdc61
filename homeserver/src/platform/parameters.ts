/**
 * Turns JavaScript values into what `pg` puts on the wire: strings and buffers.
 *
 * This is done before anything is sent, because `pg` would otherwise find a value that cannot be encoded in the middle of
 * a pipeline, leave that one statement out and send the rest of the transaction, COMMIT included.
 *
 * Arrays become PostgreSQL arrays; an array of bytes goes in binary form, half the size of its hexadecimal text.
 */

export type Parameter = string | Buffer | null

const BYTEA_OID = 17

export function encodeParameters(values: readonly unknown[]): Parameter[] {
  return values.map(encode)
}

function encode(value: unknown): Parameter {
  if (Array.isArray(value)) return value.some(isBytes) ? byteaArray(value) : arrayLiteral(value)
  if (isBytes(value)) return asBuffer(value)
  return scalar(value)
}

function scalar(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return value
    case 'undefined':
      return null
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} is no SQL parameter`)
      return String(value)
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'object':
      if (value === null) return null
      return value instanceof Date ? value.toISOString() : JSON.stringify(value)
    default:
      throw new TypeError(`a ${typeof value} is no SQL parameter`)
  }
}

function arrayLiteral(values: readonly unknown[]): string {
  if (values.every((value) => typeof value === 'number' && Number.isFinite(value)))
    return `{${values.join(',')}}`
  return `{${values.map(arrayElement).join(',')}}`
}

function arrayElement(value: unknown): string {
  if (Array.isArray(value)) throw new TypeError('an array of arrays is no SQL parameter')
  const text = scalar(value)
  if (text === null) return 'NULL'
  return typeof value === 'string' || typeof value === 'object' ? `"${text.replace(/["\\]/g, '\\$&')}"` : text
}

/** The binary form of a one-dimensional `bytea[]`: dimensions, null flag, element type, length, lower bound, elements. */
function byteaArray(values: readonly unknown[]): Buffer {
  const elements = values.map((value) => {
    if (value === null || value === undefined) return undefined
    if (!isBytes(value)) throw new TypeError('bytes and other values in one SQL array')
    return value
  })
  const size = elements.reduce((sum, bytes) => sum + 4 + (bytes?.length ?? 0), 20)
  const out = Buffer.allocUnsafe(size)
  out.writeInt32BE(1, 0)
  out.writeInt32BE(elements.includes(undefined) ? 1 : 0, 4)
  out.writeInt32BE(BYTEA_OID, 8)
  out.writeInt32BE(elements.length, 12)
  out.writeInt32BE(1, 16)
  let at = 20
  for (const bytes of elements) {
    at = out.writeInt32BE(bytes === undefined ? -1 : bytes.length, at)
    if (bytes === undefined) continue
    out.set(bytes, at)
    at += bytes.length
  }
  return out
}

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
