// `node scripts/run.mjs WHAT ARGUMENT…`: a file of this repository, or a command of node_modules/.bin, under Node 26.

import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled, root, run, stop } from './node26.mjs'

const node = await ensureInstalled()
const [what = '', ...args] = process.argv.slice(2)
const file = [join(root, what), join(root, 'node_modules/.bin', what)].find(existsSync)
if (what === '' || !file) stop(`there is no ${what || 'file or command given'} to run`)
process.exit(await run(node, [realpathSync(file), ...args]))
