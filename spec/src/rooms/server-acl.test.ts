import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../json.ts'
import { cpuTimeMs } from '../test-cpu-time.ts'
import { isServerAllowed } from './server-acl.ts'

const cases: [acl: JsonObject | undefined, server: string, allowed: boolean][] = [
  [undefined, 'any.test', true],
  [{}, 'any.test', false],
  [{ allow: ['*'] }, 'any.test', true],
  [{ allow: ['*'], deny: ['evil.test'] }, 'evil.test', false],
  [{ allow: ['*'], deny: ['evil.test'] }, 'EVIL.test:8448', false],
  [{ allow: ['*'], deny: ['EVIL.TEST'] }, 'evil.test:1', false],
  [{ allow: ['*'], deny: ['*.evil.test'] }, 'a.b.evil.test', false],
  [{ allow: ['*'], deny: ['*.evil.test'] }, 'evil.test', true],
  [{ allow: ['*'], deny: ['evil.test'] }, 'evilxtest', true],
  [{ allow: ['*'], deny: ['evi?.test'] }, 'evil.test', false],
  [{ allow: ['*'], deny: ['evi?.test'] }, 'evi.test', true],
  [{ allow: ['good.test'] }, 'good.test:443', true],
  [{ allow: ['good.test'] }, 'other.test', false],
  [{ allow: ['*'], allow_ip_literals: false }, '1.2.3.4', false],
  [{ allow: ['*'], allow_ip_literals: false }, '1.2.3.4:8448', false],
  [{ allow: ['*'], allow_ip_literals: false }, '[2001:db8::1]:8448', false],
  [{ allow: ['*'], allow_ip_literals: false }, '1.2.3.4.test', true],
  [{ allow: ['*'], allow_ip_literals: 'no' }, '1.2.3.4', true],
  [{ allow: ['*'], deny: ['[2001:db8::1]'] }, '[2001:DB8::1]:8448', false],
  [{ allow: ['*'], deny: [7, null, {}] }, 'any.test', true],
  [{ allow: '*' }, 'any.test', false],
  [{ allow: ['*'], deny: 'any.test' }, 'any.test', true],
  [{ allow: ['**t**'] }, 'any.test', true],
  [{ allow: [''] }, 'any.test', false],
]

test('F5: an access list decides about servers by name, whatever their case and port', () => {
  for (const [acl, server, allowed] of cases) {
    assert.equal(isServerAllowed(acl, server), allowed, `${JSON.stringify(acl)} ${server}`)
  }
})

test('J11: no pattern of an access list keeps the matcher busy', () => {
  const pattern = `${'*a'.repeat(30)}b`
  const deny = Array.from({ length: 1000 }, () => pattern)
  const tookMs = cpuTimeMs(() => {
    assert.equal(isServerAllowed({ allow: ['*'], deny }, `${'a'.repeat(250)}.test`), true)
  })
  assert.ok(tookMs < 500, `${tookMs} ms`)
})
