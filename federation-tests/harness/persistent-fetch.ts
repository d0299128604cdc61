import { setTimeout as delay } from 'node:timers/promises'
import { isPassing } from './client-api.ts'

/** A send that was answered with 200. */
export interface AnsweredSend {
  room: string
  eventId: string
  transactionId: string
  /** How many requests it took, all with this transaction id. */
  tries: number
}

/** How long a server may be away before people give up. */
const patienceMs = 60_000
// `/send/{type}/{transaction}` and `/redact/{event}/{transaction}`: one segment between the verb and the id.
const sendPath = /\/rooms\/([^/]+)\/(?:send|redact)\/[^/]+\/([^/?]+)$/

/**
 * A `fetch` that makes the same request again while the server is away: PUT carries a transaction id or sets something.
 * Long polls and the creation of rooms are left alone.
 *
 * @param options.gone the person has left; nobody waits any more
 */
export function persistentFetch(options: {
  onSent: (send: AnsweredSend) => void
  gone: AbortSignal
}): typeof fetch {
  return async (input, init) => {
    const { pathname } = new URL(String(input))
    if (/\/(sync|createRoom)$/.test(pathname)) return await fetch(input, init)
    const patience = AbortSignal.any([options.gone, AbortSignal.timeout(patienceMs)])
    for (let tries = 1; ; tries += 1) {
      const response = await fetch(input, init).catch((error: unknown) => {
        if (!isPassing(error) || init?.signal?.aborted || patience.aborted) throw error
      })
      if (response && (response.status !== 503 || patience.aborted)) {
        if (response.ok) await report(pathname, response, { tries, onSent: options.onSent })
        return response
      }
      await delay(Math.min(50 * tries, 500))
    }
  }
}

async function report(
  pathname: string,
  response: Response,
  { tries, onSent }: { tries: number; onSent: (send: AnsweredSend) => void },
): Promise<void> {
  const [, room, transactionId] = sendPath.exec(pathname) ?? []
  if (!room || !transactionId) return
  const { event_id: eventId } = (await response.clone().json()) as { event_id: string }
  onSent({ room: decodeURIComponent(room), eventId, transactionId: decodeURIComponent(transactionId), tries })
}
