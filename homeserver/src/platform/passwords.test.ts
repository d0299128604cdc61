import assert from 'node:assert/strict'
import test from 'node:test'
import { createGate, Overloaded } from './gate.ts'
import { createPasswords } from './passwords.ts'

const passwords = createPasswords({ memoryKib: 64, passes: 1 })

test('a password is recognised by its hash, and no other password is', async () => {
  const stored = await passwords.hash('correct horse')
  assert.match(stored, /^\$argon2id\$v=19\$m=64,t=1,p=1\$/)
  assert.equal(await passwords.verify('correct horse', stored), true)
  assert.equal(await passwords.verify('correct horsf', stored), false)
  assert.equal(await passwords.verify('correct horse', undefined), false)
})

test('a hash made at another cost is still recognised', async () => {
  const stored = await createPasswords({ memoryKib: 128, passes: 2 }).hash('p')
  assert.equal(await passwords.verify('p', stored), true)
})

test('U2: hashing leaves the event loop free', async () => {
  const costly = createPasswords()
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  await costly.hash('x')
  clearInterval(timer)
  assert.ok(turns > 3, `only ${turns} turns of the event loop during one hash`)
})

test('a gate runs at most so many tasks, keeps order, and refuses when its queue is full', async () => {
  const gate = createGate({ what: 'work', running: 1, waiting: 1 })
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  const done: string[] = []
  const first = gate.run(() => held.then(() => void done.push('first')))
  const second = gate.run(async () => void done.push('second'))
  await assert.rejects(
    gate.run(async () => {}),
    Overloaded,
  )
  assert.equal(done.length, 0)
  release()
  await Promise.all([first, second])
  assert.deepEqual(done, ['first', 'second'])
  await gate.run(async () => void done.push('third'))
  assert.equal(done.length, 3)
})
