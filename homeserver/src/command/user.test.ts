import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { scratchDatabase } from '../platform/scratch-database.ts'
import { accountOf } from '../storage/accounts.ts'

async function command(env: Record<string, string>, args: string[], input: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'user.ts'), ...args], {
    env: { ...process.env, KITH_SERVER_NAME: 'example.org', ...env },
  })
  child.stdin.end(input)
  const read = async (stream: AsyncIterable<Buffer>) =>
    Buffer.concat(await Array.fromAsync(stream)).toString()
  const [output, errors] = await Promise.all([read(child.stdout), read(child.stderr)])
  return { output, errors }
}

test('the first account is made from the command line, once, and the password comes on standard input', async () => {
  await using database = await scratchDatabase()
  const dataDir = mkdtempSync(join(tmpdir(), 'kith-user-'))
  using _ = { [Symbol.dispose]: () => rmSync(dataDir, { recursive: true }) }
  const env = { DATABASE_URL: database.url, KITH_DATA_DIR: dataDir }

  const first = await command(env, ['create', 'alice', '--admin'], 'correct horse\n')
  const again = await command(env, ['create', 'alice'], 'other\n')
  const empty = await command(env, ['create', 'bob'], '')

  assert.deepEqual(first, { output: 'made @alice:example.org\n', errors: '' })
  const account = await accountOf(database, '@alice:example.org')
  assert.equal(account?.isAdmin, true)
  assert.ok(account?.passwordHash && !account.passwordHash.includes('horse'))
  assert.deepEqual(again, { output: '', errors: 'kith: This name is taken\n' })
  assert.match(empty.errors, /^kith: no password/)
})

test('a wrong command line gets one line that says how it is used', async () => {
  for (const args of [[], ['create'], ['drop', 'alice'], ['create', 'alice', '--boss']]) {
    const { output, errors } = await command({}, args, '')
    assert.equal(output, '')
    assert.match(errors, /^kith: .*usage: npm run user -- create NAME \[--admin\] \[--config FILE\]\n$/)
  }
})
