// `npm run bench [-- OPTIONS]`: see federation-tests/bench/bench.ts; with `client` first, that of the web client, with
// `protocol` first, that of spec/, with `state-storage` first, what changes of membership cost on disk. Everything runs on the
// same two cores.

import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { ensureInstalled, root, run } from './node26.mjs'

const node = await ensureInstalled()
const given = process.argv.slice(2)
const parts = {
  client: 'client/bench.ts',
  protocol: 'protocol/bench.ts',
  'state-storage': 'protocol/storage.ts',
}
const part = Object.hasOwn(parts, given[0] ?? '') ? parts[given[0]] : undefined
const program = join(root, 'federation-tests/bench', part ?? 'bench.ts')
const bench = [node, program, ...given.slice(part ? 1 : 0)]
const canPin = availableParallelism() > 2 && spawnSync('taskset', ['-V']).status === 0
const [file, ...args] = canPin ? ['taskset', '-c', '0,1', ...bench] : bench
process.exit(await run(file, args))
