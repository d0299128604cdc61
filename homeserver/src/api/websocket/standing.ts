import { setTimeout as delay } from 'node:timers/promises'
import type { Endpoint } from '@kith/spec/api/endpoint'
import { sync as syncContract } from '@kith/spec/api/sync'
import { unknownToken } from '@kith/spec/errors'
import type { Caller } from '../../domain/accounts/caller.ts'
import type { Homeserver } from '../../domain/homeserver.ts'
import { authenticateUser } from '../auth.ts'

/** Whose socket it is, asked anew for whatever is done over it. All throw as over HTTP. */
export interface Standing {
  authenticate(contract: Endpoint): Promise<Caller>
  /** As the log says by now. */
  confirm(): Promise<Caller>
  /** Rejects when the token expires. */
  watchExpiry(signal: AbortSignal): Promise<void>
}

/** What a timer can hold. */
const longestTimerMs = 2 ** 31 - 1

export function createStanding(server: Homeserver, token: string, address: string): Standing {
  const credentials = { authorization: `Bearer ${token}`, query: '', address }
  const authenticate = async (contract: Endpoint) => {
    const caller = await authenticateUser(server, contract, credentials)
    if (!caller) throw unknownToken()
    return caller
  }
  const confirm = async () => {
    // A look at the database that began before the session ended is shared once, but not remembered.
    await authenticate(syncContract)
    return authenticate(syncContract)
  }
  return {
    authenticate,
    confirm,
    async watchExpiry(signal) {
      for (;;) {
        const { expiresAt } = await authenticate(syncContract)
        if (expiresAt === undefined) return
        const leftMs = Math.max(1, expiresAt - server.clock.now())
        await delay(Math.min(leftMs, longestTimerMs), undefined, { signal })
      }
    },
  }
}
