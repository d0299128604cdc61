import { isServerName } from '@kith/spec/ids'
import { isObject } from '@kith/spec/json'
import { parseJson } from '@kith/spec/strict-json'
import type { Clock } from '../../platform/clock.ts'
import { LruMap } from '../../platform/lru-map.ts'
import type { OutgoingClient, OutgoingResponse } from '../../platform/outgoing/client.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** What a host says about where its Matrix server is. Absent: nothing that counts. */
interface Answer {
  delegate?: string
  expiresAt: number
  /** Consecutive failures to get an answer. */
  failures: number
}

export interface WellKnown {
  /** The server name to which a host delegates; undefined where it does not, or its file is of no use. */
  delegate(host: string): Promise<string | undefined>
  /** Asks again next time: the delegate could not be reached, and may have moved. */
  doubt(host: string): void
}

export interface WellKnownOptions {
  client: OutgoingClient
  clock: Clock
  /** 443 unless said. */
  port?: number
}

/**
 * Reads `/.well-known/matrix/server` of hosts and remembers the answers. One request at a time per host.
 *
 * Source: server-server API, "Resolving server names", step 3.
 */
export function readWellKnown(options: WellKnownOptions): WellKnown {
  const answers = new LruMap<string, Answer>(10_000)
  const underWay = new Map<string, Promise<Answer>>()
  const ask = async (host: string) => {
    const answer = await fetchAnswer(options, host, answers.get(host)?.failures ?? 0)
    answers.set(host, answer)
    return answer
  }
  return {
    async delegate(host) {
      const known = answers.get(host)
      if (known && known.expiresAt > options.clock.now()) return known.delegate
      const running = underWay.get(host) ?? ask(host).finally(() => underWay.delete(host))
      underWay.set(host, running)
      return (await running).delegate
    },
    doubt(host) {
      if (answers.get(host)?.delegate !== undefined) answers.delete(host)
    },
  }
}

async function fetchAnswer(options: WellKnownOptions, host: string, failures: number): Promise<Answer> {
  const { client, clock, port = 443 } = options
  try {
    const url = `https://${host}:${port}/.well-known/matrix/server`
    const limits = { timeoutMs: 30_000, maxBytes: 50 * 1024, maxRedirects: 5 }
    const response = await client.request({ method: 'GET', url, ...limits })
    const delegate = delegateIn(response)
    return { delegate, failures: 0, expiresAt: clock.now() + cacheTimeMs(response) }
  } catch {
    // Whatever is wrong with the file, the search goes on without it.
    const waitMs = Math.min(minuteMs * 2 ** failures, hourMs)
    return { failures: failures + 1, expiresAt: clock.now() + waitMs }
  }
}

function delegateIn({ status, body }: OutgoingResponse): string {
  if (status !== 200) throw new Error(`status ${status}`)
  const json = parseJson(body, 'plain')
  const delegate = isObject(json) ? json['m.server'] : undefined
  if (typeof delegate !== 'string' || !isServerName(delegate)) throw new Error('no m.server')
  return delegate
}

/** As the answer's headers say, between 5 minutes and 48 hours; 24 hours where they say nothing. */
function cacheTimeMs({ headers }: OutgoingResponse): number {
  const control = String(headers['cache-control'] ?? '').toLowerCase()
  const maxAge = /(?:^|[\s,])max-age="?(\d+)/.exec(control)?.[1]
  const isUncacheable = /(?:^|[\s,])no-(?:store|cache)\b/.test(control)
  const saidMs = isUncacheable ? 0 : maxAge === undefined ? dayMs : Number(maxAge) * 1000
  return Math.min(Math.max(saidMs, 5 * minuteMs), 2 * dayMs)
}
