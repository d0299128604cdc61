// `npm run bench [-- OPTIONS]`: see federation-tests/bench/bench.ts; with `client` first, that of the web client, with
// `protocol` first, that of spec/. Everything runs on the same two cores.

import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { ensureInstalled, root, run } from './node26.mjs'

const node = await ensureInstalled()
const given = process.argv.slice(2)
const isPart = given[0] === 'client' || given[0] === 'protocol'
const program = join(root, 'federation-tests/bench', isPart ? given[0] : '', 'bench.ts')
const bench = [node, program, ...given.slice(isPart ? 1 : 0)]
const canPin = availableParallelism() > 2 && spawnSync('taskset', ['-V']).status === 0
const [file, ...args] = canPin ? ['taskset', '-c', '0,1', ...bench] : bench
process.exit(await run(file, args))
