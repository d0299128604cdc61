import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './node26.mjs'

const packages = ['spec', 'homeserver', 'client', 'federation-tests']

/** The files of our packages with this ending, as sorted paths from the root. */
export function sourceFiles(ending) {
  return packages
    .flatMap((name) => readdirSync(join(root, name), { recursive: true }).map((path) => join(name, path)))
    .filter((path) => path.endsWith(ending) && !/node_modules|\.svelte-kit|\/build\//.test(path))
    .sort()
}
