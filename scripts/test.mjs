// `npm test [-- PART-OF-A-PATH …]`: runs the test suites on a throw-away database and counts them.
// With CI=true a skipped test or an empty suite is a failure.

import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { sourceFiles } from './files.mjs'
import { root, stop, underNode26 } from './node26.mjs'

await underNode26(import.meta.url)

const suiteLimitMs = 15 * 60 * 1000
const isCi = process.env.CI === 'true'
const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => interrupt.abort())

const wanted = process.argv.slice(2)
const files = sourceFiles('.test.ts').filter(
  (path) => wanted.length === 0 || wanted.some((part) => path.includes(part)),
)
if (files.length === 0) stop(`no suite has ${wanted.join(' or ')} in its path`)

const database = await openDatabaseServer()
process.env.KITH_TEST_DATABASE_URL = database.url
const results = []
try {
  // Stories start whole servers, and wait for them: alone, they don't wait for each other.
  const isStory = (path) => path.startsWith('federation-tests')
  await runSuites(
    files.filter((path) => !isStory(path)),
    Math.max(2, availableParallelism()),
  )
  await runSuites(files.filter(isStory), 1)
} finally {
  await database.close()
}
report()

async function runSuites(paths, concurrency) {
  if (paths.length === 0 || interrupt.signal.aborted) return
  const suites = new Map(paths.map((path) => [path, { path, failures: [], needs: [], reasons: new Set() }]))
  // `file` is where a test is defined, which may be a module that many suites share.
  const suiteOf = (data) => suites.get(relative(root, data.entryFile ?? data.file ?? ''))
  const stream = run({
    files: paths.map((path) => join(root, path)),
    concurrency,
    timeout: suiteLimitMs,
    signal: interrupt.signal,
  })
  stream.on('test:fail', (data) => {
    const suite = suiteOf(data)
    const [need] = /^needs: .*/m.exec(messageOf(data)) ?? []
    if (need) suite?.needs.push(need)
    else suite?.failures.push(data)
  })
  stream.on('test:pass', (data) => data.skip && suiteOf(data)?.reasons.add(data.skip))
  stream.on('test:stderr', (data) => process.stderr.write(data.message))
  stream.on('test:summary', (data) => {
    const suite = suiteOf(data)
    if (suite) finish(suite, data)
  })
  await stream.resume().toArray()
  for (const suite of suites.values()) if (!results.includes(suite)) finish(suite, undefined)
}

/** Says how a suite went, as soon as it is known. Without a summary it did not come to an end. */
function finish(suite, summary) {
  const { passed = 0, failed = 0, cancelled = 0, skipped = 0, todo = 0, tests = 0 } = summary?.counts ?? {}
  const isEmpty = tests === 0
  // A test whose peer is not installed fails with what it needs; where that may be, it counts as skipped.
  const missing = suite.needs.length
  Object.assign(suite, {
    passed,
    failed: Math.max(failed + cancelled - missing, suite.failures.length),
    skipped: skipped + todo + missing,
  })
  suite.isGood = suite.failed === 0 && !(isCi && (suite.skipped > 0 || isEmpty))
  results.push(suite)
  const seconds = ((summary?.duration_ms ?? 0) / 1000).toFixed(1)
  const notes = [
    isEmpty && 'EMPTY',
    suite.failed > 0 && `${suite.failed} FAILED`,
    suite.skipped > 0 && `${suite.skipped} skipped`,
    ...new Set([...suite.needs, ...suite.reasons]),
  ].filter((note) => typeof note === 'string')
  process.stdout.write(
    `${suite.isGood ? 'ok    ' : 'FAILED'} ${String(tests).padStart(4)} tests ${seconds.padStart(6)} s  ${suite.path}` +
      `${notes.length > 0 ? `  (${notes.join(', ')})` : ''}\n`,
  )
  for (const failure of suite.failures) showFailure(failure)
}

function showFailure(failure) {
  const message = messageOf(failure)
  if (!/^\d+ subtests? failed$/.test(message)) {
    process.stdout.write(`       x ${failure.name}\n${message.replace(/^/gm, '         ')}\n`)
  }
}

/** The stack holds the message. */
function messageOf({ details }) {
  const cause = details.error.cause ?? details.error
  return String(cause.stack ?? cause.message ?? cause).replace(/^Error: /, '')
}

function report() {
  const sum = (field) => results.reduce((total, suite) => total + suite[field], 0)
  const bad = results.filter(({ isGood }) => !isGood)
  process.stdout.write(`\n${results.length} suites`)
  if (bad.length > 0) process.stdout.write(`, not good: ${bad.map(({ path }) => path).join(', ')}`)
  process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`)
  process.exit(bad.length === 0 && results.length === files.length ? 0 : 1)
}

/** The PostgreSQL named by KITH_TEST_DATABASE_URL, or an embedded one for this run. */
async function openDatabaseServer() {
  const given = process.env.KITH_TEST_DATABASE_URL
  if (given) return { url: given, close: async () => {} }
  const { startEmbeddedPostgres } = await import('../homeserver/src/platform/embedded-postgres.ts')
  const { openLogger } = await import('../homeserver/src/platform/logger.ts')
  const folder = mkdtempSync(join(tmpdir(), 'kith-tests-'))
  process.stdout.write('Starting a throw-away database …\n')
  const postgres = await startEmbeddedPostgres({
    dataDir: folder,
    logger: openLogger('warn'),
    settings: { max_connections: '400' },
  })
  return {
    url: postgres.url,
    async close() {
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
