// Types of the web client, its components included. Run under Node 26.

import { spawnSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './node26.mjs'

const folder = join(root, 'client/web')

// What SvelteKit generates comes first: the types of routes, and the settings that tsconfig.json extends.
inWeb('svelte-kit', 'sync')
inWeb('svelte-check', '--tsconfig', './tsconfig.json', '--fail-on-warnings')

function inWeb(tool, ...args) {
  const file = realpathSync(join(root, 'client/node_modules/.bin', tool))
  const { status } = spawnSync(process.execPath, [file, ...args], { cwd: folder, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
