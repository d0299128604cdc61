/** The few forms of DER (ITU-T X.690) that a certificate is made of. */

export type Der = Buffer

const tagged = (tag: number, content: Uint8Array): Der =>
  Buffer.concat([Buffer.of(tag), lengthOf(content), content])

function lengthOf(content: Uint8Array): Buffer {
  const size = content.length
  if (size < 0x80) return Buffer.of(size)
  if (size < 0x100) return Buffer.of(0x81, size)
  return Buffer.of(0x82, size >> 8, size & 0xff)
}

export const sequence = (...items: Der[]): Der => tagged(0x30, Buffer.concat(items))
export const set = (...items: Der[]): Der => tagged(0x31, Buffer.concat(items))
export const octets = (content: Uint8Array): Der => tagged(0x04, content)
export const utf8 = (text: string): Der => tagged(0x0c, Buffer.from(text))
export const boolean = (value: boolean): Der => tagged(0x01, Buffer.of(value ? 0xff : 0))

/** @param bytes big-endian; the first bit must be clear, since it is the sign */
export const integer = (bytes: Uint8Array): Der => tagged(0x02, bytes)

/** @param unused how many of the last bits do not count */
export const bits = (content: Uint8Array, unused = 0): Der =>
  tagged(0x03, Buffer.concat([Buffer.of(unused), content]))

/** Context-specific: `constructed` wraps other values, else the content is bare. */
export const context = (tag: number, content: Uint8Array, constructed: boolean): Der =>
  tagged((constructed ? 0xa0 : 0x80) | tag, content)

/** UTCTime up to 2049, as X.509 demands. To the second. */
export function time(date: Date): Der {
  const text = `${date.toISOString().replace(/[-:T]|\.\d+/g, '')}`
  return date.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(text.slice(2)))
    : tagged(0x18, Buffer.from(text))
}

/** @param dotted like `2.5.29.17` */
export function objectId(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const digits = [value & 0x7f]
  for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80)
  return digits
}
