import assert from 'node:assert/strict'
import test from 'node:test'
import type { MatrixError } from '@kith/spec/errors'
import type { Caller } from '../domain/accounts/caller.ts'
import { createRateLimiter } from './rate-limits.ts'

const caller = (name: string): Caller => ({
  userId: `@${name}:alpha.test`,
  user: 1,
  deviceId: 'D',
  sessionId: 1,
  isAdmin: false,
  isLocked: false,
  isSuspended: false,
})

/** How many demands of a kind pass before one is refused. */
function passes(
  limiter: ReturnType<typeof createRateLimiter>,
  demand: Parameters<typeof limiter>[0],
): number {
  for (let count = 0; count < 10_000; count++) {
    try {
      limiter(demand)
    } catch (error) {
      const { code, fields } = error as MatrixError
      assert.equal(code, 'M_LIMIT_EXCEEDED')
      assert.ok(typeof fields.retry_after_ms === 'number' && fields.retry_after_ms > 0)
      return count
    }
  }
  return Number.POSITIVE_INFINITY
}

test('O8: one user in a loop is refused, and nobody else is', () => {
  const limiter = createRateLimiter({ isOn: true, now: () => 0 })
  const send = { rate: 'send', auth: 'user', address: '192.0.2.1' } as const
  assert.equal(passes(limiter, { ...send, caller: caller('alice') }), 100)
  assert.equal(passes(limiter, { ...send, caller: caller('bob') }), 100)
})

test('U3: logins count by address, whoever logs in', () => {
  const limiter = createRateLimiter({ isOn: true, now: () => 0 })
  const login = { rate: 'login', auth: 'none', caller: undefined } as const
  assert.equal(passes(limiter, { ...login, address: '192.0.2.1' }), 30)
  assert.equal(passes(limiter, { ...login, address: '192.0.2.1' }), 0)
  assert.equal(passes(limiter, { ...login, address: '192.0.2.2' }), 30)
})

test('O8: another server counts by its name', () => {
  const limiter = createRateLimiter({ isOn: true, now: () => 0 })
  const federation = { rate: 'federation', auth: 'server', address: '192.0.2.1' } as const
  assert.equal(
    passes(limiter, { ...federation, caller: { origin: 'beta.test', destination: 'alpha.test' } }),
    500,
  )
  assert.equal(
    passes(limiter, { ...federation, caller: { origin: 'gamma.test', destination: 'alpha.test' } }),
    500,
  )
})

test('administration and exempt application services are not limited, and nobody is when limits are off', () => {
  const on = createRateLimiter({ isOn: true, now: () => 0 })
  const off = createRateLimiter({ isOn: false, now: () => 0 })
  const alice = caller('alice')
  const bridge = { ...alice, appservice: { id: 'irc', isRateLimited: false } }
  const write = { rate: 'write', address: '192.0.2.1' } as const
  assert.equal(passes(on, { ...write, auth: 'admin', caller: alice }), Number.POSITIVE_INFINITY)
  assert.equal(passes(on, { ...write, auth: 'user', caller: bridge }), Number.POSITIVE_INFINITY)
  assert.equal(passes(off, { ...write, auth: 'user', caller: alice }), Number.POSITIVE_INFINITY)
})
