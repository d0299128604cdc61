// `node scripts/run.mjs TOOL ARGUMENT…`: a command of node_modules/.bin under Node 26.

import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled, root, run } from './node26.mjs'

const node = await ensureInstalled()
const [tool = '', ...args] = process.argv.slice(2)
process.exit(await run(node, [realpathSync(join(root, 'node_modules/.bin', tool)), ...args]))
