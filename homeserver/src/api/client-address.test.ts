import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import test from 'node:test'
import { originTeller } from './client-address.ts'

function request(from: string, headers: Record<string, string> = {}): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: from })
  return Object.assign(new IncomingMessage(socket), { headers })
}

test('U3: a forwarded address counts only when a trusted proxy tells it', () => {
  const address = (from: string, forwarded: string) =>
    originTeller(['10.0.0.0/8', '::1/128'])(request(from, { 'x-forwarded-for': forwarded })).address
  assert.equal(address('203.0.113.9', '198.51.100.1'), '203.0.113.9')
  assert.equal(address('10.0.0.1', '198.51.100.1'), '198.51.100.1')
  assert.equal(address('::ffff:10.0.0.1', '198.51.100.1'), '198.51.100.1')
  assert.equal(address('::1', '198.51.100.1, 10.2.3.4'), '198.51.100.1', 'a chain of trusted proxies')
  assert.equal(address('10.0.0.1', '6.6.6.6, 198.51.100.1'), '198.51.100.1', 'the client made up the first')
  assert.equal(address('10.0.0.1', 'nonsense'), '10.0.0.1')
  assert.equal(address('10.0.0.1', '198.51.100.1, nonsense'), '10.0.0.1')
})

test('without trusted proxies no forwarded header counts', () => {
  const origin = originTeller([])(
    request('127.0.0.1', {
      host: 'a',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-host': 'b',
      'x-forwarded-proto': 'https',
    }),
  )
  assert.deepEqual(origin, { address: '127.0.0.1', host: 'a', isSecure: false })
})
