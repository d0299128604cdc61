/**
 * When a redaction takes effect. It is an event like others; its target loses its content once both are here,
 * whichever came first, if the sender may.
 *
 * Source: client-server-api, "Redactions"; room version 3, "Handling redactions".
 */

import { redact } from '@kith/spec/events/redaction'
import { domainOf } from '@kith/spec/ids'
import { powerLevels } from '@kith/spec/rooms/power-levels'
import type { Change } from '../../log/log.ts'
import type { RedactionChange } from '../../storage/event-inserts.ts'
import { kinds } from '../../storage/kinds.ts'
import { redactionsOfEvent } from '../../storage/redactions.ts'
import { type StoredEvent, standings } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import type { Head } from './head.ts'
import { pduBytes } from './pdu-bytes.ts'
import { stateAt } from './state-reader.ts'

type RoomParts = Pick<Head, 'rules' | 'room'>

/** The changes that an accepted event brings by redacting another, or by having been redacted before it came. */
export async function redactionsOf(
  server: Homeserver,
  room: RoomParts,
  event: StoredEvent,
): Promise<Change[]> {
  return [...(await effectOf(server, room, event)), ...(await effectOn(server, room, event))]
}

async function effectOf(server: Homeserver, room: RoomParts, event: StoredEvent): Promise<Change[]> {
  const target = event.redacts === undefined ? undefined : await server.events.one(event.redacts)
  return target ? redactionChange(server, room, { redaction: event, target }) : []
}

async function effectOn(server: Homeserver, room: RoomParts, event: StoredEvent): Promise<Change[]> {
  // Our own new events can't have been redacted yet.
  if (server.isLocal(domainOf(event.pdu.sender))) return []
  const earlier = await redactionsOfEvent(server.database, event.eventId)
  for (const redaction of (await server.events.byNumber(earlier)).values()) {
    const changes = await redactionChange(server, room, { redaction, target: event })
    if (changes.length > 0) return changes
  }
  return []
}

async function redactionChange(
  server: Homeserver,
  room: RoomParts,
  { redaction, target }: { redaction: StoredEvent; target: StoredEvent },
): Promise<Change[]> {
  const held =
    target.redactedBy !== undefined ||
    target.room !== room.room ||
    target.eventId === redaction.eventId ||
    // Two of each other, as the chosen IDs of the first room versions allow: whichever came first would count.
    target.redacts === redaction.eventId
  if (held || redaction.room !== room.room || redaction.standing !== standings.accepted) return []
  if (target.pdu.type === 'm.room.create' || !(await mayRedact(server, room, { redaction, target })))
    return []
  const pdu = pduBytes(redact(target.pdu, room.rules))
  const payload: RedactionChange = { room: room.room, target, redactedBy: redaction.eventId, pdu }
  return [{ kind: kinds.redaction, room: room.room, payload }]
}

async function mayRedact(
  server: Homeserver,
  { rules }: RoomParts,
  { redaction, target }: { redaction: StoredEvent; target: StoredEvent },
): Promise<boolean> {
  // What decided about the redaction itself need not be asked again. Source: room version 1, "Authorization rules", 11.
  if (rules.redactionRule) return true
  if (domainOf(redaction.pdu.sender) === domainOf(target.pdu.sender)) return true
  const state = await stateAt(server, redaction.rootBefore ?? 0, [
    ['m.room.create', ''],
    ['m.room.power_levels', ''],
  ])
  const create = state.get('m.room.create', '')
  if (!create) return false
  const levels = powerLevels(create, state.get('m.room.power_levels', ''), rules)
  return levels.user(redaction.pdu.sender) >= levels.redact
}
