// Keeps the direction of imports and finds cycles.

import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { sourceFiles } from './files.mjs'
import { root } from './node26.mjs'

/** A file may import its own layer and those after it. */
const layers = ['main', 'api', 'domain', 'storage', 'log', 'config', 'platform']
const importPattern =
  /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^'"`;]*?from\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g

const files = [...sourceFiles('.ts'), ...sourceFiles('.svelte')]
const problems = []
/** By file: what it needs when it runs. Types alone make no cycle. */
const graph = new Map()

for (const file of files) {
  const found = [...readFileSync(join(root, file), 'utf8').matchAll(importPattern)]
  const imports = found.map(([, isType, from, bare]) => ({
    isType: isType !== undefined,
    from: from ?? bare,
    target: targetOf(file, from ?? bare),
  }))
  graph.set(
    file,
    imports.flatMap(({ isType, target }) => (target && !isType ? [target] : [])),
  )
  for (const { from, target } of imports) {
    const problem = target ? wrongDirection(file, target) : wrongPackage(file, from)
    if (problem) problems.push(`${file}: ${problem}`)
  }
}
problems.push(...cycles())

for (const problem of problems) process.stderr.write(`${problem}\n`)
process.stdout.write(`${files.length} files, ${problems.length} problems\n`)
process.exit(problems.length === 0 ? 0 : 1)

/** The file of this repository that is meant; undefined for packages and Node's own modules. */
function targetOf(file, from) {
  if (from.startsWith('.')) return relative(root, join(root, dirname(file), from))
  if (from.startsWith('#lib/')) return from.replace('#', 'client/web/src/')
  const own = /^@kith\/([a-z-]+)\/(.+)$/.exec(from)
  return own ? `${own[1]}/src/${own[2]}.ts` : undefined
}

function wrongDirection(file, target) {
  const [importer] = file.split('/')
  const [imported] = target.split('/')
  if (!files.includes(target))
    return /(\.json|\.css|\$types)$/.test(target) ? undefined : `${target} does not exist`
  if (importer === 'federation-tests' || imported === 'spec') return undefined
  if (importer !== imported) return `${importer} must not import ${target}`
  const isTest = file.endsWith('.test.ts')
  if (importer === 'homeserver' && !isTest && layerOf(file) > layerOf(target)) {
    return `${layers[layerOf(file)]} must not import ${target}`
  }
  return undefined
}

/** A file beside main.ts belongs to it, except config.ts. */
function layerOf(file) {
  const [first = ''] = file
    .replace('homeserver/src/', '')
    .replace(/(\.test)?\.ts$/, '')
    .split('/')
  return Math.max(layers.indexOf(first), 0)
}

/** Packages are hoisted, so that an undeclared one works until it doesn't. */
function wrongPackage(file, from) {
  const [importer] = file.split('/')
  // The web client is bundled: what it is made of need not be installed where it runs.
  const isOfTests = file.endsWith('.test.ts') || /\/test-[^/]+\.ts$/.test(file)
  const isTest = isOfTests || importer === 'federation-tests' || file.startsWith('client/web/')
  if (from.startsWith('$app/') && importer === 'client') return undefined
  if (from.startsWith('node:')) {
    return importer === 'spec' && !isTest ? `spec is pure and must not import ${from}` : undefined
  }
  const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/')
  const { dependencies = {}, devDependencies = {} } = JSON.parse(
    readFileSync(join(root, importer, 'package.json'), 'utf8'),
  )
  if (name in dependencies) return undefined
  if (name in devDependencies && (isTest || `@types/${name}` in devDependencies)) return undefined
  return `${name} is not among the dependencies of ${importer}`
}

function cycles() {
  const found = []
  const done = new Set()
  const visit = (file, trail) => {
    if (trail.includes(file)) {
      found.push(`cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' -> ')}`)
      return
    }
    if (done.has(file)) return
    for (const target of graph.get(file) ?? []) visit(target, [...trail, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  return found
}
