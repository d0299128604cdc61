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

const persistForMs = 60_000
const away = new Set([502, 503, 504])
// `/send/{type}/{transaction}` and `/redact/{event}/{transaction}`: one segment between the verb and the id.
const sendPath = /\/rooms\/([^/]+)\/(?:send|redact)\/[^/]+\/([^/?]+)$/

/**
 * A `fetch` that makes the same request again while the server is away: PUT carries a transaction id or sets something.
 * Long polls and the creation of rooms are left alone.
 */
export function persistentFetch(onSent: (send: AnsweredSend) => void): typeof fetch {
  return async (input, init) => {
    const { pathname } = new URL(String(input))
    if (/\/(sync|createRoom)$/.test(pathname)) return await fetch(input, init)
    const deadline = Date.now() + persistForMs
    for (let tries = 1; ; tries += 1) {
      const response = await fetch(input, init).catch((error: unknown) => {
        if (!isPassing(error) || init?.signal?.aborted || Date.now() > deadline) throw error
      })
      if (response && !(away.has(response.status) && Date.now() < deadline)) {
        if (response.ok) await report(pathname, response, { tries, onSent })
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
