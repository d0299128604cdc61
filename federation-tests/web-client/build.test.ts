import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { smallRepository } from './small-repository.ts'

interface Ended {
  code: number | NodeJS.Signals
  /** Standard output and error. */
  output: string
}

interface Building {
  child: ChildProcess
  ended: Promise<Ended>
  says(text: string): Promise<void>
}

/** Begins `npm run build`, as the leader of a process group, as a shell would. */
function beginBuild(folder: string, env: NodeJS.ProcessEnv = {}): Building {
  const child = spawn(process.execPath, ['scripts/build-client.mjs'], {
    cwd: folder,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const take = (chunk: Buffer) => {
    output += chunk
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const ended = once(child, 'close').then(([code, signal]) => ({ code: code ?? signal, output }))
  return {
    child,
    ended,
    async says(text) {
      while (!output.includes(text)) await once(child.stderr, 'data')
    },
  }
}

const build = (folder: string) => beginBuild(folder).ended

const builtPage = (folder: string) => join(folder, 'client/web/build/index.html')
const greeting = (folder: string) => join(folder, 'client/core/greeting.ts')

/** What is left of a build that is at work, or was interrupted. */
const leftovers = async (folder: string) =>
  (await readdir(join(folder, 'client/web/.svelte-kit'))).filter((name) => name.startsWith('kith-'))

test('the web client is built once, and again only when what it is made of has changed', async () => {
  await using repository = await smallRepository()
  const { folder } = repository
  const first = await build(folder)
  assert.equal(first.code, 0, first.output)
  assert.match(first.output, /Building the web client …\n(.*\n)* {2}done/)
  const { mtimeMs } = await stat(builtPage(folder))

  await writeFile(join(folder, 'client/core/greeting.test.ts'), 'a test')
  const again = await build(folder)
  assert.deepEqual(again, { code: 0, output: 'The web client is up to date.\n' })
  assert.equal((await stat(builtPage(folder))).mtimeMs, mtimeMs)

  await writeFile(greeting(folder), "export const greeting: string = 'good evening'\n")
  assert.match((await build(folder)).output, /Building/)
  assert.ok((await builtTexts(folder)).includes('good evening'))
  assert.deepEqual(await leftovers(folder), [])
})

test('a build that fails ends in one line, and what was built before is kept', async () => {
  await using repository = await smallRepository()
  const { folder } = repository
  await build(folder)
  const before = await builtTexts(folder)

  await writeFile(greeting(folder), "export { greeting } from './nowhere.ts'\n")
  const { code, output } = await build(folder)
  assert.equal(code, 1)
  assert.match(output, /nowhere/, 'the reason is shown')
  assert.match(output, /\nkith: the web client could not be built: the reason is above\n$/)
  assert.equal(await builtTexts(folder), before)
  assert.equal((await build(folder)).code, 1, 'it is tried again, not taken for built')
})

test('Ctrl-C ends a build, and the next one is as good as ever', async () => {
  await using repository = await smallRepository()
  const { folder } = repository
  const building = beginBuild(folder, { DEBUG: 'vite:config' })
  await building.says('vite:config')
  process.kill(-(building.child.pid ?? assert.fail()), 'SIGINT')
  const { code, output } = await building.ended
  assert.equal(code, 130, output)
  assert.doesNotMatch(output, /kith:|done/)
  await assert.rejects(access(builtPage(folder)))
  assert.equal((await build(folder)).code, 0)
  assert.deepEqual(await leftovers(folder), [])
})

test('of two that would build at once one builds, and one that was killed is not waited for', async () => {
  await using repository = await smallRepository()
  const { folder } = repository
  const killed = beginBuild(folder)
  await killed.says('Building')
  process.kill(-(killed.child.pid ?? assert.fail()), 'SIGKILL')
  await killed.ended
  assert.deepEqual(await leftovers(folder), ['kith-building'])

  const both = await Promise.all([build(folder), build(folder)])
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
  )
  assert.equal(both.filter(({ output }) => output.includes('Building')).length, 1)
})

/** All scripts of the build. */
async function builtTexts(folder: string): Promise<string> {
  const built = join(folder, 'client/web/build')
  const paths = (await readdir(built, { recursive: true })).filter((path) => path.endsWith('.js')).sort()
  const texts = await Promise.all(paths.map((path) => readFile(join(built, path), 'utf8')))
  return texts.join('\n')
}
