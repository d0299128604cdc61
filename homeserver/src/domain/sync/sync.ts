/** The long poll: looks at once, and again with each change that concerns the reader, until there is something to tell. */
import type { Reader } from '../events/client-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { look } from './look.ts'
import type { SyncContext, SyncRequest } from './sync-context.ts'
import type { SyncToken } from './tokens.ts'

type SyncReader = Reader & { deviceId: string }

/** A client that asks for more waits no longer than this. */
const longestTimeoutMs = 10 * 60_000

export interface Synced {
  /** JSON. */
  body: string
  /** Where the next sync goes on: the body's `next_batch`. */
  next: SyncToken
}

export async function sync(server: Homeserver, reader: SyncReader, request: SyncRequest): Promise<Synced> {
  const deadline = performance.now() + Math.min(request.timeoutMs, longestTimeoutMs)
  const waiter = server.views.waiters.enter(reader.user)
  try {
    let { since } = request
    for (;;) {
      const context = await contextOf(server, { reader, request, since })
      const { isEmpty, body } = await look(context)
      const leftMs = deadline - performance.now()
      const isDue =
        !isEmpty || since === undefined || request.fullState || leftMs <= 0 || request.signal.aborted
      const next = { position: context.until, ephemeral: context.ephemeralUntil }
      if (isDue) return { body, next }
      // Nothing of what was looked at is for this reader, so it need not be looked at again.
      since = next
      await waiter.next(leftMs, request.signal)
    }
  } finally {
    waiter.leave()
  }
}

interface Asking {
  reader: SyncReader
  request: SyncRequest
  since: SyncToken | undefined
}

/** Fixes up to where one look goes. The position and the memberships are read at one moment, without waiting between. */
async function contextOf(server: Homeserver, { reader, request, since }: Asking): Promise<SyncContext> {
  const { views, log } = server
  const ignored = await views.accountData.ignoredBy(reader.user)
  let memberships = views.userRooms.cached(reader.user)
  while (!memberships) {
    await views.userRooms.of(reader.user)
    memberships = views.userRooms.cached(reader.user)
  }
  return {
    server,
    reader,
    request,
    since: since?.position,
    ephemeralSince: since?.ephemeral,
    until: log.tail.head,
    ephemeralUntil: views.typing.mark,
    members: [...memberships.values()],
    ignored,
  }
}
