// Writes what derives from the contracts: OpenAPI documents, the coverage page, the browser's table of paths.
// With --check it writes nothing and fails when one of them is stale. Needs a Node that runs TypeScript.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadContracts } from './generate/contracts.mjs'
import { coverage } from './generate/coverage.mjs'
import { openApi } from './generate/openapi.mjs'
import { pathsModule } from './generate/paths.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const contracts = await loadContracts(root)
const { operations } = await import('../spec/src/api/operations.ts')

const files = {
  'spec/openapi/client-server.json': openApi(contracts, 'client-server'),
  'spec/openapi/federation.json': openApi(contracts, 'federation'),
  'spec/openapi/coverage.md': await coverage(root, contracts, operations),
  'spec/src/api/paths.ts': pathsModule(contracts),
}

let stale = 0
for (const [file, text] of Object.entries(files)) {
  const path = join(root, file)
  const before = await readFile(path, 'utf8').catch(() => undefined)
  if (before === text) continue
  stale++
  if (process.argv.includes('--check')) {
    console.error(`${file} is stale: run npm run generate`)
  } else {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
    console.log(`wrote ${file}`)
  }
}
if (stale > 0 && process.argv.includes('--check')) process.exitCode = 1
