const utf8 = new TextEncoder()

/** In hexadecimal. Only room version 1 asks for it, to order events of the same depth; it protects nothing. */
export function sha1(text: string): string {
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)
  const blocks = padded(utf8.encode(text))
  for (let at = 0; at < blocks.byteLength; at += 64) addBlock(state, new DataView(blocks.buffer, at, 64))
  return [...state].map((word) => word.toString(16).padStart(8, '0')).join('')
}

function padded(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const blocks = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6)
  blocks.set(bytes)
  blocks[bytes.length] = 0x80
  new DataView(blocks.buffer).setUint32(blocks.length - 4, bytes.length * 8)
  return blocks
}

function addBlock(state: Uint32Array, block: DataView): void {
  const words = new Int32Array(80)
  for (let t = 0; t < 80; t++) {
    words[t] =
      t < 16 ? block.getInt32(4 * t) : rotate(word(t - 3) ^ word(t - 8) ^ word(t - 14) ^ word(t - 16), 1)
  }
  function word(t: number): number {
    return words[t] as number
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state
  for (let t = 0; t < 80; t++) {
    const next = (rotate(a, 5) + mixed(t, [b, c, d]) + e + word(t)) | 0
    ;[e, d, c, b, a] = [d, c, rotate(b, 30), a, next]
  }
  for (const [index, value] of [a, b, c, d, e].entries()) state[index] = (state[index] as number) + value
}

/** The round's function of three words, with its constant. */
function mixed(t: number, [b, c, d]: readonly [number, number, number]): number {
  if (t < 20) return ((b & c) | (~b & d)) + 0x5a827999
  if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1
  if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
  return (b ^ c ^ d) + 0xca62c1d6
}

const rotate = (word: number, by: number) => (word << by) | (word >>> (32 - by))
