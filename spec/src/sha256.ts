// FIPS 180-4. The constants are the fractional parts of the cube and square roots of the first primes.

const primes = firstPrimes(64)
const roundConstants = Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime)))
const initialHash = Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)))

export function sha256(data: Uint8Array): Uint8Array {
  const blocks = pad(data)
  const hash = initialHash.slice()
  const schedule = new Uint32Array(64)
  for (let offset = 0; offset < blocks.byteLength; offset += 64) {
    for (let i = 0; i < 16; i++) schedule[i] = blocks.getUint32(offset + i * 4)
    expand(schedule)
    compress(hash, schedule)
  }
  const digest = new DataView(new ArrayBuffer(32))
  hash.forEach((word, index) => {
    digest.setUint32(index * 4, word)
  })
  return new Uint8Array(digest.buffer)
}

function pad(data: Uint8Array): DataView {
  const padded = new Uint8Array(Math.ceil((data.length + 9) / 64) * 64)
  padded.set(data)
  padded[data.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setBigUint64(padded.length - 8, BigInt(data.length) * 8n)
  return view
}

function expand(schedule: Uint32Array): void {
  const word = (index: number) => schedule[index] as number
  for (let i = 16; i < 64; i++) {
    const a = word(i - 15)
    const b = word(i - 2)
    const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)
    const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10)
    schedule[i] = word(i - 16) + s0 + word(i - 7) + s1
  }
}

function compress(hash: Uint32Array, schedule: Uint32Array): void {
  const work = hash.slice()
  const at = (index: number) => work[index] as number
  for (let i = 0; i < 64; i++) {
    const e = at(4)
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const choice = (e & at(5)) ^ (~e & at(6))
    const t1 = at(7) + s1 + choice + (roundConstants[i] as number) + (schedule[i] as number)
    const a = at(0)
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const majority = (a & at(1)) ^ (a & at(2)) ^ (at(1) & at(2))
    work.copyWithin(1, 0, 7)
    work[4] = at(4) + t1
    work[0] = t1 + s0 + majority
  }
  for (let i = 0; i < 8; i++) hash[i] = (hash[i] as number) + at(i)
}

const rotate = (word: number, bits: number) => (word >>> bits) | (word << (32 - bits))

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32)
}

function firstPrimes(count: number): number[] {
  const found: number[] = []
  for (let candidate = 2; found.length < count; candidate++) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate)
  }
  return found
}
