import type { ClientEvent } from '@kith/spec/api/schemas'
import { isObject, type JsonObject, own } from '@kith/spec/json'

export interface Relation {
  type: string
  eventId: string
  key?: string
}

/** Source: client-server API, "Relationship API". */
export function relationOf(content: JsonObject): Relation | undefined {
  const relates = own(content, 'm.relates_to')
  if (!isObject(relates)) return undefined
  const { rel_type: type, event_id: eventId, key } = relates
  if (typeof type !== 'string' || typeof eventId !== 'string') return undefined
  return { type, eventId, ...(typeof key === 'string' && { key }) }
}

/** The event that is replied to. */
export function replyTarget(content: JsonObject): string | undefined {
  const relates = own(content, 'm.relates_to')
  const reply = isObject(relates) ? relates['m.in_reply_to'] : undefined
  return isObject(reply) && typeof reply.event_id === 'string' ? reply.event_id : undefined
}

/** The content an edit gives to its target. Source: client-server API, "Event replacements". */
export function newContentOf(content: JsonObject): JsonObject | undefined {
  const replacement = own(content, 'm.new_content')
  return isObject(replacement) ? replacement : undefined
}

/** Whether an event may edit another one: same sender, same type, neither is state, and no edit of an edit. */
export function isEditOf(edit: ClientEvent, target: ClientEvent): boolean {
  if (edit.sender !== target.sender || edit.type !== target.type) return false
  if (edit.state_key !== undefined || target.state_key !== undefined) return false
  return newContentOf(edit.content) !== undefined && relationOf(target.content)?.type !== 'm.replace'
}

/** The edit the server bundles with an event that was changed later. */
export function bundledEdit(event: ClientEvent): ClientEvent | undefined {
  const relations = event.unsigned?.['m.relations']
  const edit = isObject(relations) ? relations['m.replace'] : undefined
  if (!isObject(edit) || typeof edit.event_id !== 'string' || !isObject(edit.content)) return undefined
  if (typeof edit.sender !== 'string' || typeof edit.type !== 'string') return undefined
  const { event_id, sender, type, content, origin_server_ts: at } = edit
  return { event_id, sender, type, content, origin_server_ts: typeof at === 'number' ? at : 0 }
}

/** The event a redaction is for: in `content` since room version 11. */
export function redactionTarget(event: ClientEvent): string | undefined {
  if (event.type !== 'm.room.redaction') return undefined
  const target = event.redacts ?? event.content.redacts
  return typeof target === 'string' ? target : undefined
}

export function isRedacted(event: ClientEvent): boolean {
  return isObject(event.unsigned?.redacted_because)
}

/** What stays of an event here. What its room's rules keep besides is only of use to servers. */
export function redacted(event: ClientEvent, because: ClientEvent): ClientEvent {
  const { event_id, sender, type, content, origin_server_ts } = because
  const transactionId = event.unsigned?.transaction_id
  return {
    ...event,
    content: event.type === 'm.room.member' ? { membership: event.content.membership ?? 'leave' } : {},
    unsigned: {
      redacted_because: { event_id, sender, type, content, origin_server_ts },
      ...(transactionId !== undefined && { transaction_id: transactionId }),
    },
  }
}

const messageTypes = new Set(['m.room.message', 'm.room.encrypted', 'm.sticker'])

/** Whether somebody said something: not a reaction, an edit or a change of the room. */
export function isMessage(event: ClientEvent): boolean {
  if (event.state_key !== undefined || !messageTypes.has(event.type)) return false
  return relationOf(event.content)?.type !== 'm.replace'
}

/** The transaction ID of an event this device sent. */
export function transactionIdOf(event: ClientEvent): string | undefined {
  const id = event.unsigned?.transaction_id
  return typeof id === 'string' ? id : undefined
}
