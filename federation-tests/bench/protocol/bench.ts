// `npm run bench -- protocol [PART-OF-A-NAME …]`: what spec/ does, beside Synapse's Python and Rust, both in this run. Each
// case is measured for about a second on either side, one after the other.

import { availableParallelism } from 'node:os'
import { startOracle } from '../../differential/oracle.ts'
import { authCases } from './auth.ts'
import { eventCases } from './events.ts'
import { measure, type Result, table } from './measure.ts'
import { pushCases } from './push.ts'
import { resolutionCases } from './resolution.ts'

const atLeastMs = 1000
const wanted = process.argv.slice(2)

await using oracle = startOracle()
const results: Result[] = []
for (const cases of [eventCases, authCases, pushCases, resolutionCases]) {
  for (const one of cases()) {
    if (wanted.length > 0 && !wanted.some((part) => one.name.includes(part))) continue
    process.stderr.write(`${one.name} …\n`)
    results.push(await measure(one, oracle, atLeastMs))
  }
}
process.stdout.write(`\nNode ${process.version}, ${availableParallelism()} processors\n\n${table(results)}\n`)
