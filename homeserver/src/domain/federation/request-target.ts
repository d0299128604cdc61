import { invalidParam } from '@kith/spec/errors'

export type Query = Record<string, string | number | boolean | readonly string[] | undefined>

/** Fills in the parameters of a contract's path. */
export function pathOf(template: string, params: Record<string, unknown>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])))
}

/**
 * Path and query as they go over the wire, and are signed.
 *
 * @param path percent-encoded
 * @throws MatrixError M_INVALID_PARAM for a path that would change on the way: one with `..` as a segment
 */
export function requestTarget(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    const values = Array.isArray(value) ? value : value === undefined ? [] : [value]
    for (const each of values) search.append(name, String(each))
  }
  const url = URL.parse(path, 'https://server.invalid')
  if (url?.pathname !== path) throw invalidParam(`${JSON.stringify(path)} is not a path`)
  return search.size > 0 ? `${path}?${search}` : path
}
