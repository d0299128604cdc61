import assert from 'node:assert/strict'
import test from 'node:test'
import { isPublicAddress } from './addresses.ts'

const refused = {
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1', 'fec0::1'],
  'link-local': ['169.254.169.254', 'fe80::1', 'fe80::1%eth0'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
  'multicast and broadcast': ['224.0.0.1', '239.255.255.255', 'ff02::1', '255.255.255.255'],
  'reserved and documentation': [
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '203.0.113.9',
    '240.0.0.1',
    '2001:db8::1',
  ],
  'IPv4-mapped': ['::ffff:127.0.0.1', '::ffff:10.1.2.3', '::ffff:a00:1', '0:0:0:0:0:ffff:7f00:1'],
  'IPv4-compatible': ['::127.0.0.1', '::7f00:1', '::808:808'],
  NAT64: ['64:ff9b::127.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::8.8.8.8'],
  '6to4': ['2002:7f00:1::', '2002:a00:1::1', '2002:c0a8:101::1'],
  Teredo: ['2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  malformed: ['', 'localhost', '1.2.3.4.5', ':::', '8.8.8.8 '],
}

for (const [kind, addresses] of Object.entries(refused)) {
  test(`F8: ${kind} addresses are not public`, () => {
    for (const address of addresses) assert.equal(isPublicAddress(address), false, address)
  })
}

test('F8: addresses of the Internet are public, also inside a mapped, NAT64 or 6to4 address', () => {
  const addresses = ['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a01:4f8::1']
  const carried = ['::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '2002:808:808::1']
  for (const address of [...addresses, ...carried]) assert.equal(isPublicAddress(address), true, address)
})
