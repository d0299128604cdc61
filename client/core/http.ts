import { paths } from '@kith/spec/api/paths'
import { isObject, type Json, type JsonObject } from '@kith/spec/json'
import { CommandError, errorOfAnswer } from './errors.ts'

export interface Access {
  /** Without a slash at the end. */
  baseUrl: string
  token?: string
}

export interface Request {
  params?: Record<string, string>
  /** `undefined` is left out. */
  query?: Record<string, string | number | boolean | readonly string[] | undefined>
  body?: JsonObject
  signal?: AbortSignal
  /** 30 s unless told. */
  timeoutMs?: number
}

export type Endpoint = keyof typeof paths

const defaultTimeoutMs = 30_000

/**
 * Makes one request.
 *
 * @throws CommandError; the reason of `signal` when that aborts
 */
export async function call<T = JsonObject>(
  access: Access,
  endpoint: Endpoint,
  request: Request = {},
): Promise<T> {
  const [method, path] = paths[endpoint]
  const url = access.baseUrl + fill(path, request.params ?? {}) + queryString(request.query ?? {})
  return (await fetchJson(url, { method, token: access.token, ...request })) as T
}

interface Fetch extends Pick<Request, 'body' | 'signal' | 'timeoutMs'> {
  method: string
  token?: string
}

export async function fetchJson(url: string, options: Fetch): Promise<Json> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? defaultTimeoutMs)
  const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout
  let status: number
  let text: string
  try {
    const response = await fetch(url, { ...init(options), signal })
    status = response.status
    text = await response.text()
  } catch (error) {
    options.signal?.throwIfAborted()
    const key = timeout.aborted ? 'timeout' : 'offline'
    throw new CommandError(key, error instanceof Error ? error.message : String(error))
  }
  const answer = parse(text)
  if (status >= 200 && status < 300) {
    if (answer === undefined) throw new CommandError('server-trouble', 'The answer is not JSON', { status })
    return answer
  }
  throw errorOfAnswer(status, isObject(answer) ? answer : {})
}

function init({ method, token, body }: Fetch): RequestInit {
  const headers: Record<string, string> = {}
  if (token !== undefined) headers.authorization = `Bearer ${token}`
  if (body !== undefined) headers['content-type'] = 'application/json'
  return {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    cache: 'no-store',
  }
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function fill(path: string, params: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
}

function queryString(query: NonNullable<Request['query']>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) search.append(name, String(one))
    }
  }
  const text = search.toString()
  return text && `?${text}`
}
