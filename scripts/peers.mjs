// `npm run peers`: installs the software that the federation tests run against Kith, into .peers/.
// What is there already is skipped. Debian packages are installed only where root runs this.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, runLong, stop } from './node26.mjs'

const oldestPython = [3, 10]
/** Exact, so that a red test means a change of ours. */
const requirements = ['matrix-synapse==1.163.2', 'psycopg2-binary==2.9.13']

const folder = join(root, '.peers')
const venv = join(folder, 'venv')
const stamp = join(venv, 'installed.txt')

if (isVenvComplete()) process.stdout.write(`Synapse is there: ${requirements.join(', ')}\n`)
else await installVenv()

function isVenvComplete() {
  return (
    existsSync(stamp) && readFileSync(stamp, 'utf8') === requirements.join('\n') && answers(python(), ['-V'])
  )
}

async function installVenv() {
  checkPython()
  mkdirSync(folder, { recursive: true })
  rmSync(venv, { recursive: true, force: true })
  if (!answers('python3', ['-c', 'import ensurepip'])) await installDebian('python3-venv')
  await runLong('a Python environment', 'python3', ['-m', 'venv', venv])
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary=:all:']
  await runLong('Synapse', python(), [...pip, ...requirements])
  writeFileSync(stamp, requirements.join('\n'))
}

function checkPython() {
  const { stdout = '' } = spawnSync('python3', ['-V'], { encoding: 'utf8' })
  const [major = 0, minor = 0] = (/Python (\d+)\.(\d+)/.exec(stdout ?? '') ?? []).slice(1).map(Number)
  const isOld = major < oldestPython[0] || (major === oldestPython[0] && minor < oldestPython[1])
  if (isOld)
    stop(`the peers need Python ${oldestPython.join('.')} or later; python3 is ${stdout?.trim() || 'absent'}`)
}

async function installDebian(name) {
  if (process.getuid?.() !== 0) stop(`the package ${name} is missing: run apt-get install ${name} as root`)
  process.env.DEBIAN_FRONTEND = 'noninteractive'
  await runLong('the list of packages', 'apt-get', ['update', '-qq'])
  await runLong(name, 'apt-get', ['install', '-qqy', '--no-install-recommends', name])
}

function python() {
  return join(venv, 'bin', 'python')
}

function answers(file, args) {
  return spawnSync(file, args).status === 0
}
