import assert from 'node:assert/strict'
import test from 'node:test'
import type { MatrixError } from '@kith/spec/errors'
import type { Caller } from '../domain/accounts/caller.ts'
import { createRateLimiter } from './rate-limits.ts'
import { startTestServer } from './test-server.ts'

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

test('O8: every operation that counts against a budget is refused when that is spent, and says when to come back', async () => {
  await using alpha = await startTestServer({ config: { rateLimits: true } })
  const demands: [what: string, method: string, path: string][] = [
    ['reading', 'GET', 'joined_rooms'],
    ['writing', 'PUT', 'profile/NAME/displayname'],
    ['sending', 'PUT', 'rooms/!x:alpha.test/send/m.room.message/1'],
    ['syncing', 'GET', 'sync?since=odd'],
    ['joining', 'POST', 'join/!x:alpha.test'],
    ['inviting', 'POST', 'rooms/!x:alpha.test/invite'],
    ['making rooms', 'POST', 'createRoom'],
    ['asking the directory', 'GET', 'directory/room/%23x:alpha.test'],
    ['typing', 'PUT', 'rooms/!x:alpha.test/typing/NAME'],
    ['receipts', 'POST', 'rooms/!x:alpha.test/receipt/m.read/$x'],
    ['logins', 'POST', 'login'],
    ['registrations', 'POST', 'register'],
  ]
  // Nobody need be signed in for these.
  const isByAddress = /logins|registrations|directory/
  const alice = await alpha.register('alice')
  const bob = await alpha.register('bob')
  for (const [what, method, path] of demands) {
    const target = path.replace('NAME', alice.userId)
    const body = method === 'GET' ? undefined : '{}'
    let answer = await alice.call(method, target, { body })
    for (let calls = 1; answer.status !== 429 && calls < 2000; calls++) {
      answer = await alice.call(method, target, { body })
    }
    assert.deepEqual([answer.status, answer.body.errcode], [429, 'M_LIMIT_EXCEEDED'], what)
    const waitMs = Number(answer.body.retry_after_ms)
    assert.equal(Number(answer.headers.get('retry-after')), Math.ceil(waitMs / 1000), what)
    if (isByAddress.test(what)) continue
    const other = await bob.call(method, path.replace('NAME', bob.userId), { body })
    assert.notEqual(other.status, 429, `${what} of somebody else`)
  }
})
