/** Several events of one unit, each built on the one before. */
import type { Change } from '../../log/log.ts'
import type { EventChange } from '../../storage/event-inserts.ts'
import { kinds } from '../../storage/kinds.ts'
import type { StoredEvent } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import type { Head } from './head.ts'
import { type EventDraft, prepare } from './prepare.ts'
import { redactionsOf } from './redactions.ts'
import { relayToAll } from './relay.ts'

export interface PreparedUnit {
  changes: Change[]
  head: Head
  events: StoredEvent[]
}

/** The log's change for an event at the head of its room's timeline. */
export function eventChange(payload: EventChange, relay?: string): Change {
  return { kind: kinds.event, room: payload.event.room, user: payload.target, relay, payload }
}

/** Prepares local events in order, with what they redact. @throws as `prepare` does; nothing is written then */
export async function prepareAll(
  server: Homeserver,
  head: Head,
  drafts: readonly EventDraft[],
): Promise<PreparedUnit> {
  const unit: PreparedUnit = { changes: [], head, events: [] }
  for (const draft of drafts) {
    const prepared = await prepare(server, unit.head, draft)
    const { event } = prepared.change
    // What comes next may look the event up by number.
    server.events.put(event)
    unit.changes.push(eventChange(prepared.change, relayToAll()))
    unit.changes.push(...(await redactionsOf(server, head, event)))
    unit.events.push(event)
    unit.head = prepared.head
  }
  return unit
}
