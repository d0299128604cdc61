// `npm start`: installs what is missing, builds the web client when its sources have changed, and runs the server.

import { join } from 'node:path'
import { buildClient } from './build-client.mjs'
import { ensureInstalled, root, run } from './node26.mjs'

const node = await ensureInstalled()
await buildClient(node)
process.exit(await run(node, [join(root, 'homeserver/src/main.ts'), ...process.argv.slice(2)]))
