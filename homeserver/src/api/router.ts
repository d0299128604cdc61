import { pathParameters } from '@kith/spec/api/endpoint'
import { invalidParam, unrecognized } from '@kith/spec/errors'
import FindMyWay from 'find-my-way'
import { MethodNotAllowed } from './errors.ts'
import type { Route } from './serve.ts'

export interface Match<Entry> {
  entry: Entry
  /** Percent-decoded. A parameter of the contract that this path lacks is the empty string. */
  params: Record<string, string>
  /** What follows the question mark, undecoded. */
  query: string
}

export interface Router<Entry> {
  /**
   * Finds by method and request target.
   *
   * @throws MatrixError M_UNRECOGNIZED for an unknown path, M_INVALID_PARAM for bad percent-encoding;
   *   MethodNotAllowed for an unknown method of a known path
   */
  find(method: string, target: string): Match<Entry>
}

interface Leaf<Entry> {
  entry: Entry
  /** Names of the path's parameters by their position. */
  names: string[]
  absent: string[]
}

type Methods<Entry> = Map<string, Leaf<Entry>>

/** As long as a request line may be: identifiers have their own limits. */
const maxParamLength = 16 * 1024

/** A radix tree over the paths of all routes: one look-up, however many routes there are. */
export function createRouter<Entry extends { route: Route }>(entries: readonly Entry[]): Router<Entry> {
  const tree = FindMyWay({ maxParamLength, querystringParser: () => ({}) })
  // One tree for all methods, so that the look-up that fails for a method still tells that the path exists.
  for (const [shape, methods] of byShape(entries)) tree.on('GET', shape, () => undefined, methods)
  return {
    find(method, target) {
      const cut = target.indexOf('?')
      const path = cut < 0 ? target : target.slice(0, cut)
      const found = tree.find('GET', path)
      if (!found) throw isWellEncoded(path) ? unrecognized() : invalidParam('The path is not well encoded')
      const methods: Methods<Entry> = found.store
      const leaf = methods.get(method === 'HEAD' ? 'GET' : method)
      if (!leaf) throw new MethodNotAllowed([...methods.keys()])
      const query = cut < 0 ? '' : target.slice(cut + 1)
      return { entry: leaf.entry, params: namedParams(leaf, found.params), query }
    },
  }
}

function byShape<Entry extends { route: Route }>(entries: readonly Entry[]): Map<string, Methods<Entry>> {
  const shapes = new Map<string, Methods<Entry>>()
  for (const entry of entries) {
    const { contract } = entry.route
    const all = pathParameters(contract.path)
    for (const path of [contract.path, ...contract.aliases]) {
      const names = pathParameters(path)
      const shape = names.reduce((text, name, index) => text.replace(`{${name}}`, `:p${index}`), path)
      const methods = shapes.get(shape) ?? new Map<string, Leaf<Entry>>()
      if (methods.has(contract.method)) throw new Error(`two routes for ${contract.method} ${path}`)
      methods.set(contract.method, { entry, names, absent: all.filter((name) => !names.includes(name)) })
      shapes.set(shape, methods)
    }
  }
  return shapes
}

function namedParams(
  leaf: { names: string[]; absent: string[] },
  values: Record<string, string | undefined>,
): Record<string, string> {
  const params: Record<string, string> = {}
  for (const [index, name] of leaf.names.entries()) params[name] = values[`p${index}`] ?? ''
  for (const name of leaf.absent) params[name] = ''
  return params
}

function isWellEncoded(path: string): boolean {
  try {
    decodeURI(path)
    return true
  } catch {
    return false
  }
}
