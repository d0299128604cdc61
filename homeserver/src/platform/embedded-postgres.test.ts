import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { takeInstanceLock } from './instance-lock.ts'
import { openLogger } from './logger.ts'

const logger = openLogger('silent')

/** A data folder that is deep, so that its path is too long for a socket; gone after the test. */
function dataFolder() {
  const top = mkdtempSync(join(tmpdir(), 'test-'))
  const dataDir = join(top, 'a folder'.repeat(12), 'data')
  return {
    dataDir,
    pidFile: join(dataDir, 'postgres', 'postmaster.pid'),
    [Symbol.dispose]: () => rmSync(top, { recursive: true, force: true }),
  }
}

async function ask<R extends pg.QueryResultRow>(url: string, text: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<R>(text)).rows
  } finally {
    await client.end()
  }
}

const pidIn = (file: string) => Number(readFileSync(file, 'utf8').split('\n')[0])

async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await check())) {
    assert.ok(Date.now() < deadline, 'waited in vain')
    await delay(20)
  }
}

/** A server process: starts the database, takes the lock, writes down that it has, and stays. */
async function serverProcess(dataDir: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', serverSource, dataDir], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface(child.stdout), 'line')
  assert.equal(line, 'ready')
  return child
}

const serverSource = `
  import { startEmbeddedPostgres } from './embedded-postgres.ts'
  import { takeInstanceLock } from './instance-lock.ts'
  import { openLogger } from './logger.ts'
  const logger = openLogger('silent')
  const dataDir = process.argv.at(-1)
  const { url } = await startEmbeddedPostgres({ dataDir, logger })
  const lock = await takeInstanceLock({ url, place: dataDir, logger, onLost: () => process.exit(1) })
  await lock.announce('http://127.0.0.1:8008')
  console.log('ready')
  setInterval(() => {}, 1000)
`

const lockOptions = (url: string, place: string) => ({
  url,
  place,
  logger,
  onLost: () => assert.fail('lock lost'),
})

test('the embedded database is durable, ordered by code point, and keeps its rows over a clean stop', async () => {
  using folder = dataFolder()
  const first = await startEmbeddedPostgres({ dataDir: folder.dataDir, logger })
  await ask(first.url, 'create table kept (n int); insert into kept values (1)')
  await first.stop()
  assert.ok(!existsSync(folder.pidFile))

  const begun = Date.now()
  const second = await startEmbeddedPostgres({ dataDir: folder.dataDir, logger })
  const tookMs = Date.now() - begun

  assert.deepEqual(await ask(second.url, 'select n from kept'), [{ n: 1 }])
  const [settings] = await ask(
    second.url,
    `select current_setting('fsync') fsync, current_setting('synchronous_commit') sync, datlocprovider, datlocale
     from pg_database where datname = current_database()`,
  )
  assert.deepEqual(settings, { fsync: 'on', sync: 'on', datlocprovider: 'b', datlocale: 'C.UTF-8' })
  assert.ok(tookMs < 3000, `took ${tookMs} ms`)
  await second.stop()
})

test('a database left running by a killed server is taken over as it is', async () => {
  using folder = dataFolder()
  const server = await serverProcess(folder.dataDir)
  const left = pidIn(folder.pidFile)
  server.kill('SIGKILL')
  await once(server, 'exit')

  const postgres = await startEmbeddedPostgres({ dataDir: folder.dataDir, logger })
  const lock = await takeInstanceLock(lockOptions(postgres.url, folder.dataDir))

  assert.equal(pidIn(folder.pidFile), left)
  await lock.release()
  await postgres.stop()
})

test('a second start says that the first is running, and where, and leaves it alone', async () => {
  using folder = dataFolder()
  const server = await serverProcess(folder.dataDir)

  const postgres = await startEmbeddedPostgres({ dataDir: folder.dataDir, logger })
  await assert.rejects(takeInstanceLock(lockOptions(postgres.url, folder.dataDir)), {
    name: 'StartError',
    message: `Kith is already running on ${folder.dataDir} (process ${server.pid}, http://127.0.0.1:8008)`,
  })
  postgres.leave()

  await ask(postgres.url, 'select 1')
  server.kill('SIGKILL')
  await once(server, 'exit')
  await (await startEmbeddedPostgres({ dataDir: folder.dataDir, logger })).stop()
})

test('after a kill of the whole group, database included, the next start needs no help', async () => {
  using folder = dataFolder()
  const server = await serverProcess(folder.dataDir)
  const killed = pidIn(folder.pidFile)
  server.kill('SIGKILL')
  process.kill(killed, 'SIGKILL')
  await once(server, 'exit')

  const postgres = await startEmbeddedPostgres({ dataDir: folder.dataDir, logger })

  assert.notEqual(pidIn(folder.pidFile), killed)
  await postgres.stop()
})

test("a leftover that names a stranger's process, and one that a power cut emptied, do not stop the start", async () => {
  using folder = dataFolder()
  await (await startEmbeddedPostgres({ dataDir: folder.dataDir, logger })).stop()
  const stranger = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'])
  using _ = { [Symbol.dispose]: () => void stranger.kill('SIGKILL') }

  for (const text of [
    `${stranger.pid}\n${folder.dataDir}/postgres\n1795506840\n5432\n/nowhere\n\n  1 2\nready\n`,
    '',
  ]) {
    writeFileSync(folder.pidFile, text)
    await (await startEmbeddedPostgres({ dataDir: folder.dataDir, logger })).stop()
  }

  assert.equal(stranger.exitCode, null)
})

test('O3: a database that dies is started again at the same address, and the lock is taken again', async () => {
  using folder = dataFolder()
  const postgres = await startEmbeddedPostgres({ dataDir: folder.dataDir, logger })
  const lock = await takeInstanceLock(lockOptions(postgres.url, folder.dataDir))
  await lock.announce('http://127.0.0.1:8008')

  process.kill(pidIn(folder.pidFile), 'SIGKILL')

  const held = `select count(*)::int n from pg_locks where locktype = 'advisory'`
  await until(async () => (await ask<{ n: number }>(postgres.url, held).catch(() => []))[0]?.n === 1)
  await lock.release()
  await postgres.stop()
})

test('two first starts at once make one database, and one of them gets it', async () => {
  using folder = dataFolder()
  const both = await Promise.all([1, 2].map(() => startEmbeddedPostgres({ dataDir: folder.dataDir, logger })))
  const locks = await Promise.allSettled(
    both.map(({ url }) => takeInstanceLock(lockOptions(url, folder.dataDir))),
  )

  assert.deepEqual(locks.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
  assert.equal(both[0]?.url, both[1]?.url)
  for (const lock of locks) if (lock.status === 'fulfilled') await lock.value.release()
  for (const { leave } of both) leave()
  await both[0]?.stop()
})

test('a database of another major version is refused', async () => {
  using folder = dataFolder()
  await (await startEmbeddedPostgres({ dataDir: folder.dataDir, logger })).stop()
  writeFileSync(join(folder.dataDir, 'postgres', 'PG_VERSION'), '17\n')

  await assert.rejects(
    startEmbeddedPostgres({ dataDir: folder.dataDir, logger }),
    /was made by PostgreSQL 17/,
  )
})

test('a data folder that cannot be made stops the start with one line', async () => {
  using folder = dataFolder()
  mkdirSync(dirname(folder.dataDir), { recursive: true })
  writeFileSync(folder.dataDir, 'a file is in the way')

  await assert.rejects(startEmbeddedPostgres({ dataDir: folder.dataDir, logger }), {
    name: 'StartError',
    message: `cannot use the data folder ${folder.dataDir}: EEXIST`,
  })
})
