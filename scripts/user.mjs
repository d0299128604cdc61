// `npm run user -- create NAME [--admin]`: makes an account.

import { join } from 'node:path'
import { ensureInstalled, root, run } from './node26.mjs'

const node = await ensureInstalled()
process.exit(await run(node, [join(root, 'homeserver/src/command/user.ts'), ...process.argv.slice(2)]))
