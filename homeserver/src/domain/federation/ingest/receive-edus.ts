/** What is soon forgotten: typing and receipts. Other kinds are ignored. */
import { MatrixError } from '@kith/spec/errors'
import { isObject, type JsonObject } from '@kith/spec/json'
import { parseJson } from '@kith/spec/strict-json'
import type { Homeserver } from '../../homeserver.ts'
import { applyReceiptEdu } from '../../receipts/receipt-edu.ts'
import { applyTypingEdu } from '../../typing/set-typing.ts'
import { knownRoom, mayTakePart } from '../known-room.ts'
import { isOutage } from './outage.ts'

type Receiver = (server: Homeserver, origin: string, content: JsonObject) => Promise<void>

const receivers = new Map<string, Receiver>([
  ['m.typing', applyTypingEdu],
  ['m.receipt', applyReceiptEdu],
])

/** One that cannot be dealt with is dropped alone. @throws what is thrown in an outage */
export async function receiveEdus(
  server: Homeserver,
  { origin }: { origin: string },
  texts: readonly string[],
): Promise<void> {
  for (const text of texts) {
    try {
      await receiveEdu(server, origin, text)
    } catch (error) {
      if (isOutage(error)) throw error
      if (error instanceof MatrixError) continue
      server.logger.error({ err: error, origin }, 'a message from another server could not be dealt with')
    }
  }
}

async function receiveEdu(server: Homeserver, origin: string, text: string): Promise<void> {
  const edu = parseJson(text, 'plain')
  if (!isObject(edu) || typeof edu.edu_type !== 'string' || !isObject(edu.content)) return
  const receive = receivers.get(edu.edu_type)
  if (receive) await receive(server, origin, await allowedPart(server, origin, edu.content))
}

/** A content without what it says of rooms that do not let its server take part (checklist F5). */
async function allowedPart(server: Homeserver, origin: string, content: JsonObject): Promise<JsonObject> {
  if (typeof content.room_id === 'string')
    return (await isAllowed(server, origin, content.room_id)) ? content : {}
  const allowed: JsonObject = {}
  for (const [roomId, value] of Object.entries(content)) {
    if (await isAllowed(server, origin, roomId)) allowed[roomId] = value
  }
  return allowed
}

async function isAllowed(server: Homeserver, origin: string, roomId: string): Promise<boolean> {
  const known = await knownRoom(server, roomId)
  return known !== undefined && (await mayTakePart(server, known, origin))
}
