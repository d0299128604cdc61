import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startOracle } from './oracle.ts'

test('questions are answered in their order, item by item', async () => {
  await using oracle = startOracle()
  const [two, one] = await Promise.all([
    oracle.ask<string>('events', 'canonical', ['{"b":1,"a":2}', '[ ]']),
    oracle.ask<string[]>('events', 'versions', [null]),
  ])
  assert.deepEqual(two, ['{"a":2,"b":1}', '[]'])
  assert.ok(one[0]?.includes('12'))
  assert.deepEqual(await oracle.ask('events', 'canonical', []), [])
})

test('what fails in Python is told with its traceback, and the next question is answered', async () => {
  await using oracle = startOracle()
  await assert.rejects(oracle.ask('events', 'sign', [{}]), /Traceback.*sign.*KeyError: 'version'/s)
  await assert.rejects(oracle.ask('nowhere', 'x', []), /ModuleNotFoundError/)
  assert.deepEqual(await oracle.ask('events', 'canonical', ['{}']), ['{}'])
})

test('who waits for an oracle that ends is told so, and so is who asks it later', async () => {
  const oracle = startOracle()
  const asked = oracle.ask('events', 'canonical', ['{}'])
  const told = assert.rejects(asked, /The oracle ended with SIGKILL/)
  await oracle[Symbol.asyncDispose]()
  await told
  await assert.rejects(oracle.ask('events', 'canonical', ['{}']), /ended with SIGKILL/)
})

test('the oracle ends with the process that started it', async () => {
  const program = `
    const { startOracle } = await import(process.argv[1])
    const oracle = startOracle()
    await oracle.ask('events', 'canonical', ['{}'])
    oracle.ask('events', 'canonical', Array(300_000).fill('{"a":[1,2,3,4]}')).catch(() => {})
    process.stdout.write(String(oracle.pid))`
  const parent = spawn(
    process.execPath,
    ['--input-type=module-typescript', '-e', program, join(import.meta.dirname, 'oracle.ts')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const [pid] = await once(parent.stdout, 'data')
  process.kill(Number(pid), 0)
  parent.kill('SIGKILL')
  while (isThere(Number(pid))) await delay(20)
})

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
