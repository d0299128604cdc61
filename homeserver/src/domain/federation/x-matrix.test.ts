import assert from 'node:assert/strict'
import test from 'node:test'
import { canonicalJson } from '@kith/spec/canonical-json'
import { cpuTimeMs } from '@kith/spec/test-cpu-time'
import { formatXMatrix, parseXMatrix, signedRequestBytes } from './x-matrix.ts'

const parsed = { origin: 'a.example:8448', destination: 'b.example', key: 'ed25519:k1', sig: 'AB+/c' }

test('F1: an X-Matrix header is read in every form that servers send', () => {
  const forms = [
    formatXMatrix(parsed),
    'X-Matrix origin=a.example:8448,destination=b.example,key="ed25519:k1",sig="AB+/c"',
    'X-Matrix origin=a.example:8448,destination=b.example,key=ed25519:k1,sig=AB+/c',
    'x-matrix   SIG="AB+/c" ,\tKey="ed25519:k1" , Destination="b.example", ORIGIN="a.example:8448"',
    'X-Matrix origin="a.example:8448",destination="b.example",key="ed25519:k1",sig="AB+/c",extra="a,\\"b"',
    'X-Matrix origin="\\a.example:8448",destination="b.example",key="ed25519:k1",sig="AB+/c",',
  ]
  for (const form of forms) assert.deepEqual(parseXMatrix(form), parsed, form)
})

test('F1: a header that is malformed, ambiguous, incomplete or of another scheme is none', () => {
  const forms = [
    '',
    'Bearer abc',
    'X-Matrix',
    'X-Matrix ',
    'X-Matrixorigin="a",key="b",sig="c"',
    'X-Matrix origin="a",key="b"',
    'X-Matrix origin="a",key="b",sig=""',
    'X-Matrix origin="a",key="b",sig="c',
    'X-Matrix origin="a",origin="z",key="b",sig="c"',
    'X-Matrix origin="a" key="b" sig="c"',
    'X-Matrix =a,origin="a",key="b",sig="c"',
  ]
  for (const form of forms) assert.equal(parseXMatrix(form), undefined, form)
})

test('F1: a header that is long and malformed is refused in no time', () => {
  const hostile = [`origin="${'\\'.repeat(16_000)}`, ' '.repeat(16_000), 'a'.repeat(16_000)]
  const tookMs = cpuTimeMs(() => {
    for (const text of hostile) assert.equal(parseXMatrix(`X-Matrix ${text}`), undefined)
  })
  assert.ok(tookMs < 50, `${tookMs} ms`)
})

test('what is signed is the canonical JSON of the request', () => {
  const request = { method: 'PUT', uri: '/a?b="c"', origin: 'a', destination: 'b', content: '{"x":1}' }
  const expected = canonicalJson({ ...request, content: { x: 1 } })
  assert.equal(Buffer.from(signedRequestBytes(request)).toString(), expected)
  const { destination: _, content: __, ...old } = request
  assert.equal(Buffer.from(signedRequestBytes(old)).toString(), canonicalJson(old))
})
