import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kinds } from '../../storage/kinds.ts'
import type { Caller } from './caller.ts'
import { SessionView } from './session-view.ts'

const caller = (user: number): Caller => ({
  userId: `@u${user}:alpha.test`,
  user,
  deviceId: 'D',
  sessionId: user,
  isAdmin: false,
  isLocked: false,
  isSuspended: false,
})

test('a session is loaded once, also by requests at the same time', async () => {
  const view = new SessionView()
  let loads = 0
  const load = async () => {
    loads += 1
    return caller(1)
  }
  await Promise.all([view.get('a', load), view.get('a', load)])
  await view.get('a', load)
  assert.equal(loads, 1)
})

test('U6: a session that ends while it is being loaded is not remembered', async () => {
  const view = new SessionView()
  const { promise, resolve } = Promise.withResolvers<Caller>()
  const first = view.get('a', () => promise)
  view.follow([{ position: 1, kind: kinds.session, user: 1 }])
  resolve(caller(1))
  await first
  const gone = new Error('gone')
  await assert.rejects(
    view.get('a', () => Promise.reject(gone)),
    gone,
  )
})

test('a failed load is not remembered', async () => {
  const view = new SessionView()
  await assert.rejects(view.get('a', () => Promise.reject(new Error('away'))))
  assert.equal((await view.get('a', async () => caller(1))).caller.user, 1)
})

test('only the sessions of the user that a row names are forgotten', async () => {
  const view = new SessionView()
  await view.get('a', async () => caller(1))
  await view.get('b', async () => caller(2))
  view.follow([
    { position: 1, kind: kinds.event, user: 2 },
    { position: 2, kind: kinds.session, user: 1 },
  ])
  assert.equal((await view.get('b', () => Promise.reject(new Error('forgotten')))).caller.user, 2)
  await assert.rejects(
    view.get('a', () => Promise.reject(new Error('forgotten'))),
    /forgotten/,
  )
})

test('memory is bounded: the sessions unused for longest go first', async () => {
  const view = new SessionView(100)
  for (let i = 0; i < 150; i++) {
    await view.get(`${i}`, async () => caller(i))
    await view.get('0', () => Promise.reject(new Error('the one in use was forgotten')))
  }
  await assert.rejects(
    view.get('1', () => Promise.reject(new Error('forgotten'))),
    /forgotten/,
  )
})
