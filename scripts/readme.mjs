// Writes the table of settings into README.md; with --check only says whether it is fresh.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, stop, underNode26 } from './node26.mjs'

await underNode26(import.meta.url)
const { settingsTable } = await import('../homeserver/src/config/manual.ts')

const file = join(root, 'README.md')
const present = readFileSync(file, 'utf8')
const fresh = present.replace(
  /(<!-- settings -->\n)[\s\S]*?(\n<!-- end of settings -->)/,
  (_, before, after) => `${before}\n${settingsTable()}\n${after}`,
)
if (process.argv.includes('--check')) {
  if (fresh !== present) stop('the settings in README.md are stale: run node scripts/readme.mjs')
} else {
  writeFileSync(file, fresh)
}
