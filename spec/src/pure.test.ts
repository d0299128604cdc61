import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'

const sources = globSync('**/*.ts', { cwd: import.meta.dirname }).filter(
  (file) => !file.endsWith('.test.ts') && !basename(file).startsWith('test-'),
)

/** What would let the world in: files, sockets, clocks, chance, the environment. */
const impure =
  /\b(?:process|fetch|XMLHttpRequest|WebSocket|setTimeout|setInterval|setImmediate|performance|globalThis|require|Buffer)\b(?=[.(])|\bnew Date\b|\bDate\.now\b|\bMath\.random\b|\bcrypto\.(?:getRandomValues|randomUUID|subtle)\b|\bimport\.meta\b|\bimport\(/

test('the protocol does no I/O and knows no clock, chance or environment', () => {
  assert.ok(sources.length > 50, 'the sources are not where they were')
  const found = sources.flatMap((file) => {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8')
    const code = text.replace(/'(?:[^'\\\n]|\\.)*'|\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    const imports = [...text.matchAll(/from '([^']+)'/g)].map(([, from = '']) => from)
    const foreign = imports.filter((from) => !/^(?:\.\.?\/|typebox(?:\/|$)|tweetnacl$)/.test(from))
    const global = impure.exec(code)?.[0]
    return [...foreign, ...(global ? [global] : [])].map((what) => `${file}: ${what}`)
  })
  assert.deepEqual(found, [])
})
