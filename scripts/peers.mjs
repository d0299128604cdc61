// `npm run peers`: installs the software that the tests run against Kith: Synapse into .peers/, a browser as Debian packages.
// What is there already is skipped. Debian packages are installed only where root runs this.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, runLong, stop } from './node26.mjs'

const oldestPython = [3, 10]
/** Exact, so that a red test means a change of ours. */
const requirements = ['matrix-synapse==1.163.2', 'psycopg2-binary==2.9.13']
/** The browser, and the fonts without which it has boxes for Chinese and for emoji. */
const browser = [
  { name: 'chromium', file: '/usr/bin/chromium' },
  { name: 'fonts-noto-cjk', file: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc' },
  { name: 'fonts-noto-color-emoji', file: '/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf' },
]

const folder = join(root, '.peers')
const venv = join(folder, 'venv')
const stamp = join(venv, 'installed.txt')

if (isVenvComplete()) process.stdout.write(`Synapse is there: ${requirements.join(', ')}\n`)
else await installVenv()
await installBrowser()

function isVenvComplete() {
  return (
    existsSync(stamp) && readFileSync(stamp, 'utf8') === requirements.join('\n') && answers(python(), ['-V'])
  )
}

async function installVenv() {
  checkPython()
  mkdirSync(folder, { recursive: true })
  rmSync(venv, { recursive: true, force: true })
  if (!answers('python3', ['-c', 'import ensurepip'])) await installDebian(['python3-venv'])
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

async function installBrowser() {
  const missing = browser.filter(({ file }) => !existsSync(file)).map(({ name }) => name)
  if (missing.length > 0) await installDebian(missing)
  else process.stdout.write('Chromium and its fonts are there\n')
}

async function installDebian(names) {
  const install = ['install', '-qqy', '--no-install-recommends', ...names]
  if (process.getuid?.() !== 0)
    stop(`missing: ${names.join(', ')}; as root: apt-get install ${names.join(' ')}`)
  process.env.DEBIAN_FRONTEND = 'noninteractive'
  await runLong('the list of packages', 'apt-get', ['update', '-qq'])
  await runLong(names.join(', '), 'apt-get', install)
}

function python() {
  return join(venv, 'bin', 'python')
}

function answers(file, args) {
  return spawnSync(file, args).status === 0
}
