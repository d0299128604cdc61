import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const web = join(import.meta.dirname, '../../../client/web')
const generated = join(web, '.svelte-kit/generated/build/client-optimized')
const build = join(web, 'build')

interface Chunk {
  file: string
  src?: string
  imports?: string[]
}
type Manifest = Record<string, Chunk>

/** What every page loads, whichever screen it shows. */
const ofEveryPage = [
  'runtime/client/entry.js',
  'runtime/client/payload.js',
  'runtime/client/client-entry.js',
  '/app.js',
]

/**
 * The JavaScript that screens are made of, by the bundler's record: what they import before they can be shown, and the worker.
 *
 * @param screens their files below `src/routes`, with the layouts around them
 * @returns paths as the browser asks for them
 */
export async function modulesOf(screens: readonly string[]): Promise<string[]> {
  const manifestFile = join(web, '.svelte-kit/output/client/.vite/manifest.json')
  const manifest: Manifest = JSON.parse(await readFile(manifestFile, 'utf8'))
  const nodes = await nodesOf(screens)
  const roots = Object.keys(manifest).filter((key) =>
    [...ofEveryPage, ...nodes].some((ending) => key.endsWith(ending)),
  )
  const wanted = new Set<string>()
  const visit = (key: string) => {
    const chunk = manifest[key]
    if (!chunk || wanted.has(chunk.file)) return
    wanted.add(chunk.file)
    for (const next of chunk.imports ?? []) visit(next)
  }
  for (const root of roots) visit(root)
  for (const worker of await readdir(join(build, '_app/immutable/workers'))) {
    if (worker.endsWith('.js')) wanted.add(`_app/immutable/workers/${worker}`)
  }
  return [...wanted].map((file) => `/${file}`).sort()
}

/** SvelteKit numbers its pages and layouts: a generated file per number says which it is. */
async function nodesOf(screens: readonly string[]): Promise<string[]> {
  const nodes: string[] = []
  for (const name of await readdir(join(generated, 'nodes'))) {
    const text = await readFile(join(generated, 'nodes', name), 'utf8')
    if (screens.some((screen) => text.includes(`/src/routes/${screen}`))) nodes.push(`/nodes/${name}`)
  }
  if (nodes.length < screens.length) throw new Error(`of ${screens.join(', ')} the build has ${nodes.length}`)
  return nodes
}

/** Bytes of these files as they are sent, packed by gzip. */
export async function gzipBytes(paths: Iterable<string>): Promise<number> {
  let sum = 0
  for (const path of new Set(paths)) sum += gzipSync(await readFile(join(build, path)), { level: 9 }).length
  return sum
}
