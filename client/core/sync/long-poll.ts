import type { SyncResponse } from '@kith/spec/api/sync'
import { call } from '../http.ts'
import { syncFilter, type Transport, type TransportHost } from './transport.ts'

const waitMs = 30_000
/** Beyond the wait; an initial sync takes its time. */
const graceMs = 30_000
const initialTimeoutMs = 180_000

export function longPoll(): Transport {
  return {
    kind: 'long-poll',
    async run(host) {
      // The first answer comes at once, so that it is known whether the server is there.
      await step(host, 0)
      host.onLive()
      for (;;) await step(host, waitMs)
    },
  }
}

async function step(host: TransportHost, timeout: number): Promise<void> {
  const since = host.since()
  const body = await call<SyncResponse>(host.access, 'sync', {
    query: {
      ...{ since, timeout, filter: syncFilter },
      // The proposal's name of it, for servers that know no other.
      ...{ use_state_after: true, 'org.matrix.msc4222.use_state_after': true },
    },
    signal: host.signal,
    timeoutMs: since === undefined ? initialTimeoutMs : timeout + graceMs,
  })
  await host.apply(body)
  host.signal.throwIfAborted()
}
