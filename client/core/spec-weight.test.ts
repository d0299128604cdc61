import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const root = join(import.meta.dirname, '../..')
const limitBytes = 25 * 1024

/** What browsers may need of the protocol: identifiers, events, redaction, push rules, and where requests go. */
const wholly = ['ids', 'events/*', 'push/*', 'api/paths']

function modulesOf(pattern: string): string[] {
  return globSync(`${pattern}.ts`, { cwd: join(root, 'spec/src') })
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => file.replace(/\.ts$/, ''))
}

/** What the web client's sources import of `spec`, apart from types, as exports. */
function importedByClient(): string[] {
  const files = globSync(['core/**/*.ts', 'web/src/**/*.{ts,svelte}'], { cwd: join(root, 'client') })
  const imports = files
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => [
      ...readFileSync(join(root, 'client', file), 'utf8').matchAll(
        /import \{([^}]+)\} from '@kith\/spec\/([^']+)'/g,
      ),
    ])
  return imports.flatMap(([, names = '', from = '']) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name && !name.startsWith('type '))
      .map((name) => `export { ${name} } from '@kith/spec/${from}'`),
  )
}

/** Bundles, shakes and minifies as the web client's build does. */
async function bundle(lines: readonly string[]) {
  const entry = '\0entry'
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    root,
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? [...new Set(lines)].join('\n') : undefined),
      },
    ],
    build: {
      write: false,
      minify: true,
      target: 'esnext',
      rolldownOptions: {
        input: entry,
        external: ['tweetnacl'],
        preserveEntrySignatures: 'strict',
        output: { format: 'es' },
      },
    },
  })
  const { output } = (Array.isArray(result) ? result[0] : result) as {
    output: { code?: string; moduleIds?: string[] }[]
  }
  const code = output.map((chunk) => chunk.code ?? '').join('')
  return {
    bytes: gzipSync(code, { level: 9 }).length,
    modules: output.flatMap((chunk) => chunk.moduleIds ?? []),
  }
}

test('what browsers import of the protocol is at most 25 KiB, and no validator of schemas', async (t) => {
  const whole = wholly.flatMap(modulesOf).map((name, n) => `export * as module${n} from '@kith/spec/${name}'`)
  const used = importedByClient()
  assert.ok(whole.length > 15 && used.length > 10, 'the sources are not where they were')
  const all = await bundle([...whole, ...used])
  const now = await bundle(used)
  t.diagnostic(`${kib(all.bytes)} gzip in all, ${kib(now.bytes)} of which the web client uses today`)
  assert.deepEqual(
    all.modules.filter((id) => id.includes('node_modules')),
    [],
  )
  assert.ok(all.bytes <= limitBytes, `${kib(all.bytes)}, ${kib(limitBytes)} is the most`)
})

const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`
