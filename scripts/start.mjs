// `npm start`: installs what is missing and runs the server.

import { join } from 'node:path'
import { ensureInstalled, root, run } from './node26.mjs'

const node = await ensureInstalled()
process.exit(await run(node, [join(root, 'homeserver/src/main.ts'), ...process.argv.slice(2)]))
