import type { ClientEvent } from '@kith/spec/api/schemas'
import type { JsonObject } from '@kith/spec/json'
import type { OutboxRecord, StoredEvent } from '../store/records.ts'
import type { Person, Reaction, SendState } from '../views.ts'
import { bundledEdit, isEditOf, isRedacted, relationOf } from './relations.ts'

interface Annotation {
  sender: string
  key: string
  /** Absent until the server has it. */
  eventId?: string
}

interface PendingEdit {
  at: number
  content: JsonObject
  state: SendState
}

/** What is said about other events of the room. By the ID of the event it is about. */
export interface Annotations {
  edits: Map<string, ClientEvent[]>
  pendingEdits: Map<string, PendingEdit>
  reactions: Map<string, ClientEvent[]>
  pendingReactions: Map<string, string[]>
  /** Events I am redacting. */
  redactions: Set<string>
}

export function annotationsOf(entries: readonly StoredEvent[], outbox: readonly OutboxRecord[]): Annotations {
  const found: Annotations = {
    edits: new Map(),
    pendingEdits: new Map(),
    reactions: new Map(),
    pendingReactions: new Map(),
    redactions: new Set(),
  }
  for (const { event } of entries) {
    const relation = isRedacted(event) ? undefined : relationOf(event.content)
    if (relation?.type === 'm.replace') push(found.edits, relation.eventId, event)
    if (relation?.type === 'm.annotation' && event.type === 'm.reaction') {
      push(found.reactions, relation.eventId, event)
    }
  }
  const here = new Set(entries.map(({ eventId }) => eventId))
  for (const record of outbox) {
    if (record.eventId === undefined || !here.has(record.eventId)) addPending(found, record)
  }
  return found
}

function addPending(found: Annotations, { what, at, state }: OutboxRecord): void {
  if (what.kind === 'redaction') {
    found.redactions.add(what.eventId)
    return
  }
  const relation = relationOf(what.content)
  if (relation?.type === 'm.replace')
    found.pendingEdits.set(relation.eventId, { at, state, content: what.content })
  if (relation?.type === 'm.annotation' && relation.key !== undefined) {
    push(found.pendingReactions, relation.eventId, relation.key)
  }
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

/** The edit that counts: mine that is on its way, else the latest valid one. */
export function latestEdit(target: ClientEvent, annotations: Annotations): PendingEdit | undefined {
  const pending = annotations.pendingEdits.get(target.event_id)
  if (pending) return pending
  const edit =
    annotations.edits
      .get(target.event_id)
      ?.findLast(
        (candidate) => isEditOf(candidate, target) && !annotations.redactions.has(candidate.event_id),
      ) ?? bundledEdit(target)
  if (!edit || !isEditOf(edit, target)) return undefined
  return { at: edit.origin_server_ts, content: edit.content, state: 'sent' }
}

/** Everybody counts once per key, however often their reaction arrived. */
export function reactionsOf(
  eventId: string,
  { annotations, me, person }: { annotations: Annotations; me: string; person(userId: string): Person },
): Reaction[] {
  const byKey = new Map<string, Set<string>>()
  const add = (sender: string, key: string) => byKey.set(key, (byKey.get(key) ?? new Set()).add(sender))
  for (const { sender, key } of standing(eventId, annotations)) add(sender, key)
  for (const key of annotations.pendingReactions.get(eventId) ?? []) add(me, key)
  return [...byKey].map(([key, senders]) => ({
    key,
    count: senders.size,
    people: [...senders].map(person),
    isMine: senders.has(me),
  }))
}

/** The reactions that are not being taken back. */
export function standing(eventId: string, annotations: Annotations): Annotation[] {
  return (annotations.reactions.get(eventId) ?? []).flatMap((event) => {
    const key = relationOf(event.content)?.key
    const isGoing = annotations.redactions.has(event.event_id)
    return key === undefined || isGoing ? [] : [{ sender: event.sender, key, eventId: event.event_id }]
  })
}
