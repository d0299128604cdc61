import assert from 'node:assert/strict'
import test from 'node:test'
import { chooseEncoding, encodings } from './accept-encoding.ts'

const choices: [header: string | undefined, chosen: string][] = [
  [undefined, 'identity'],
  ['', 'identity'],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['GZIP;Q=0.5', 'gzip'],
  ['br;q=0.5, gzip;q=0.8', 'gzip'],
  ['br; q=0.5 , identity', 'identity'],
  ['br, identity', 'br'],
  ['br;q=0, gzip', 'gzip'],
  ['br;q=0, gzip;q=0.000', 'identity'],
  ['*', 'br'],
  ['*;q=0.1, gzip;q=0.2', 'gzip'],
  ['br;q=0, *', 'gzip'],
  ['identity;q=0.3, *;q=0', 'identity'],
  ['zstd', 'identity'],
  ['br;q=2, gzip', 'gzip'],
  ['br;q=nonsense', 'identity'],
  ['identity;q=0', 'identity'],
  ['constructor, __proto__', 'identity'],
]

test('a file is packed as its reader likes best, the smallest form of equals', () => {
  for (const [header, chosen] of choices)
    assert.equal(chooseEncoding(header, encodings), chosen, String(header))
})

test('a form that the file lacks is never chosen', () => {
  assert.equal(chooseEncoding('br, gzip', ['identity']), 'identity')
  assert.equal(chooseEncoding('br, gzip;q=0.1', ['identity', 'gzip']), 'gzip')
})
