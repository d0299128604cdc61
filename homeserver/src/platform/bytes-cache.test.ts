import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BytesCache, type Piece } from './bytes-cache.ts'

const kib = 1024

/** Bytes that tell their key and their length. */
function pieceOf(key: number, length = 8 + (key % 50)) {
  const bytes = Buffer.alloc(length + 3, key % 251)
  return { bytes, at: 3, end: length + 3 }
}

const textOf = (piece: Piece | undefined) =>
  piece && Buffer.from(piece.bytes.subarray(piece.at, piece.end)).toString('hex')

test('what is held is what was put in, whatever was forgotten meanwhile', () => {
  const cache = new BytesCache(64 * kib, 40)
  const keys = Array.from({ length: 5000 }, (_, at) => at * 2 ** 29 + (at % 7))
  const kept: [number, Piece | undefined][] = []
  for (const key of keys) {
    cache.set(key, pieceOf(key))
    kept.push([key, cache.get(key)])
  }
  for (const [key, piece] of kept)
    assert.equal(textOf(piece), textOf(pieceOf(key)), 'a piece in hand never changes')
  const held = keys.filter((key) => cache.get(key))
  for (const key of held) assert.equal(textOf(cache.get(key)), textOf(pieceOf(key)))
  assert.ok(held.length > 300 && held.length < 2000, `${held.length} are held`)
})

test('what is used stays, what is not goes', () => {
  const cache = new BytesCache(64 * kib, 40)
  for (let key = 1; key <= 20_000; key++) {
    cache.set(key, pieceOf(key))
    if (key > 100) assert.ok(cache.get(100), 'it was used a moment ago')
  }
  assert.equal(cache.get(50), undefined)
})

test('it stays below its bound, with small pieces and with large ones', () => {
  for (const length of [4, 40, 400]) {
    const cache = new BytesCache(64 * kib, 40)
    for (let key = 1; key <= 20_000; key++) cache.set(key, pieceOf(key, length))
    // Each takes its length, two bytes, and twelve in a table that is at most three quarters full.
    assert.ok(cache.size * (length + 2 + 16) <= 64 * kib, `${cache.size} of ${length} bytes`)
    assert.ok(cache.size > 50)
  }
})

test('what is too large to be held is not, and harms nothing', () => {
  const cache = new BytesCache(64 * kib, 40)
  cache.set(1, pieceOf(1))
  cache.set(2, pieceOf(2, 100 * kib))
  assert.equal(cache.get(2), undefined)
  assert.equal(textOf(cache.get(1)), textOf(pieceOf(1)))
})
