// `npm run demo`: see federation-tests/demo/demo.ts.

import { join } from 'node:path'
import { buildClient } from './build-client.mjs'
import { ensureInstalled, root, run } from './node26.mjs'

const node = await ensureInstalled()
await buildClient(node)
process.exit(await run(node, [join(root, 'federation-tests/demo/demo.ts'), ...process.argv.slice(2)]))
