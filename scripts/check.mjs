// `npm run check`: types, lint and format, imports, links, generated files. All of them run, whatever fails.

import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled, root, run } from './node26.mjs'

const node = await ensureInstalled()
const tool = (name, folder = '.') => realpathSync(join(root, folder, 'node_modules/.bin', name))

// Biome paints even what goes into a file.
const colours = process.stdout.isTTY ? [] : ['--colors=off']

const checks = [
  ['types', [tool('tsc'), '-p', '.']],
  ['types of the client', [tool('tsc', 'client'), '-p', 'client']],
  ['types of the web client', ['scripts/check-web.mjs']],
  ['types of the browser stories', [tool('tsc'), '-p', 'federation-tests/browser']],
  ['lint and format', [tool('biome'), 'ci', '--max-diagnostics=200', ...colours, '.']],
  ['imports', ['scripts/check-imports.mjs']],
  ['symbolic links', ['scripts/check-links.mjs']],
  ['settings in README.md', ['scripts/readme.mjs', '--check']],
  ['generated files', ['scripts/generate.mjs', '--check']],
]

const results = []
for (const [name, args] of checks) {
  const begun = Date.now()
  process.stdout.write(`\n== ${name}\n`)
  const code = await run(node, args)
  results.push({ name, isGood: code === 0, seconds: ((Date.now() - begun) / 1000).toFixed(1) })
}

process.stdout.write('\n')
for (const { name, isGood, seconds } of results) {
  process.stdout.write(`${isGood ? 'ok    ' : 'FAILED'} ${seconds.padStart(5)} s  ${name}\n`)
}
process.exit(results.every(({ isGood }) => isGood) ? 0 : 1)
