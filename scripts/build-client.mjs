// `npm run build`: builds the web client into client/web/build when its sources have changed.
// Works on Node 20 and needs no package itself.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ensureInstalled, root, runAloud, stop } from './node26.mjs'

/** What a build is made of: folders with all that is in them, folders whose own files count, and files. */
const deepFolders = ['client/core', 'client/web/src', 'client/web/static', 'spec/src']
const flatFolders = ['client/web']
const singleFiles = ['client/package.json', 'spec/package.json', 'package-lock.json']

const web = join(root, 'client/web')
const build = join(web, 'build')
const work = join(web, '.svelte-kit')
const fresh = join(work, 'kith-new')
const old = join(work, 'kith-old')
/** Says of which sources a build is. The server passes over names that begin with a dot. */
const stampName = '.stamp'
/** Holds the process id of whoever builds. */
const lock = join(work, 'kith-building')
const lockPollMs = 200

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wasStale = await buildClient(await ensureInstalled())
  if (!wasStale) process.stdout.write('The web client is up to date.\n')
}

/**
 * Sees to it that client/web/build is made of the present sources. Ends this script when that fails, or is interrupted;
 * what was built before is kept then.
 *
 * @param node the path of Node 26
 * @returns whether there was something to do
 */
export async function buildClient(node) {
  if (isBuilt(stampOfSources())) return false
  const code = await alone(() => buildUnlessBuilt(node))
  if (code > 128) process.exit(code)
  if (code !== 0) stop('the web client could not be built: the reason is above')
  return true
}

async function buildUnlessBuilt(node) {
  // Looked at again: whoever was at it before may have done it.
  const stamp = stampOfSources()
  if (isBuilt(stamp)) return 0
  const code = await runAloud({
    doing: 'Building the web client',
    file: node,
    args: [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'],
    cwd: web,
    env: { ...process.env, KITH_WEB_BUILD: fresh },
    // SvelteKit's advice is for others; what is wrong comes by standard error.
    stdout: 'ignore',
  })
  if (code === 0) putInPlace(stamp)
  return code
}

/** Does work while no other process builds: they would write the same files. */
async function alone(work) {
  while (!takeLock()) await delay(lockPollMs)
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function takeLock() {
  mkdirSync(work, { recursive: true })
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (!isRunning(readFileSync(lock, 'utf8'))) rmSync(lock, { force: true })
    return false
  }
}

function isRunning(pid) {
  try {
    return process.kill(Number(pid), 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** By two renames, so that a server that starts just now reads a whole build. */
function putInPlace(stamp) {
  writeFileSync(join(fresh, stampName), stamp)
  rmSync(old, { recursive: true, force: true })
  if (existsSync(build)) renameSync(build, old)
  renameSync(fresh, build)
  rmSync(old, { recursive: true, force: true })
}

function isBuilt(stamp) {
  const file = join(build, stampName)
  return existsSync(file) && readFileSync(file, 'utf8') === stamp
}

/** A hash over the names and contents of all that a build is made of. */
function stampOfSources() {
  const deep = deepFolders.flatMap((folder) => filesIn(folder, { recursive: true }))
  const flat = flatFolders.flatMap((folder) => filesIn(folder, { recursive: false }))
  const hash = createHash('sha256')
  for (const file of [...deep, ...flat, ...singleFiles].sort()) {
    const bytes = readFileSync(join(root, file))
    hash.update(`${file}\n${bytes.length}\n`).update(bytes)
  }
  return hash.digest('hex')
}

/** Without tests: what they change, nobody is served. */
function filesIn(folder, { recursive }) {
  return readdirSync(join(root, folder), { recursive, withFileTypes: true })
    .filter(({ name }) => !name.startsWith('test-') && !name.endsWith('.test.ts'))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
}
