import type { ClientEvent } from '@kith/spec/api/schemas'
import { personOf } from '../rooms/people.ts'
import { mentions } from '../rooms/permissions.ts'
import type { OutboxRecord, RoomRecord } from '../store/records.ts'
import type { EventItem, ItemBody, Permissions, Person, ReplyPreview, TimelineItem } from '../views.ts'
import { type Annotations, annotationsOf, latestEdit, reactionsOf } from './annotations.ts'
import { type BodyContext, bodyOf } from './body.ts'
import { isMessage, newContentOf, relationOf, transactionIdOf } from './relations.ts'
import { type RoomView, repliedTo } from './room-view.ts'

export interface ItemsContext extends BodyContext {
  room: RoomRecord
  view: RoomView
  can: Permissions
  /** Of this room, in the order of writing. */
  outbox: readonly OutboxRecord[]
  annotations: Annotations
}

export function itemsContext(
  view: RoomView,
  {
    room,
    me,
    can,
    outbox,
  }: { room: RoomRecord; me: string; can: Permissions; outbox: readonly OutboxRecord[] },
): ItemsContext {
  const person = (userId: string): Person => personOf(userId, view.members.get(userId) ?? room.people[userId])
  return { room, view, me, can, outbox, person, annotations: annotationsOf(view.entries, outbox) }
}

/** The whole list a timeline shows. Items that did not change are the same objects as before. */
export function timelineItems(context: ItemsContext): TimelineItem[] {
  const { view } = context
  const items: TimelineItem[] = []
  const readers = readersByEvent(context)
  const gaps = context.room.gaps.filter(
    ({ before }) => before > (view.entries[0]?.place ?? Number.POSITIVE_INFINITY),
  )
  let lastShown = -1
  let waiting: Person[] = []
  const settle = () => {
    const item = items[lastShown]
    if (item?.kind === 'event') items[lastShown] = withReaders(view, item, waiting)
    waiting = []
  }
  for (const { eventId, place, event } of view.entries) {
    for (const gap of gaps) {
      if (gap.before !== place) continue
      items.push({ kind: 'gap', key: gapKey(place), state: view.gapStates.get(place) ?? 'waiting' })
    }
    const item = view.built.get(eventId) ?? eventItem(event, context)
    if (item) {
      settle()
      lastShown = items.push(item) - 1
    }
    waiting.push(...(readers.get(eventId) ?? []))
  }
  settle()
  return [...items, ...echoes(context)]
}

export function gapKey(before: number): string {
  return `gap ${before}`
}

function readersByEvent({ view, person }: ItemsContext): Map<string, Person[]> {
  const readers = new Map<string, Person[]>()
  for (const { userId, eventId } of view.receipts.values()) {
    const list = readers.get(eventId) ?? []
    readers.set(eventId, list)
    list.push(person(userId))
  }
  return readers
}

function withReaders(view: RoomView, item: EventItem, readers: Person[]): EventItem {
  const isSame =
    item.readers.length === readers.length &&
    readers.every(({ userId }, i) => item.readers[i]?.userId === userId)
  const shown = isSame ? item : { ...item, readers }
  if (item.eventId !== undefined) view.built.set(item.eventId, shown)
  return shown
}

function eventItem(event: ClientEvent, context: ItemsContext): EventItem | undefined {
  if (relationOf(event.content)?.type === 'm.replace') return undefined
  const { annotations, me } = context
  const redaction = annotations.redactions.has(event.event_id)
  const original = redaction
    ? ({ kind: 'redacted', isByMe: true, by: context.person(me) } as const)
    : bodyOf(event, context)
  if (!original) return undefined
  const edit = original.kind === 'redacted' ? undefined : latestEdit(event, annotations)
  const content = (edit && newContentOf(edit.content)) ?? event.content
  const body = edit ? (bodyOf({ ...event, content }, context) ?? original) : original
  const isMine = event.sender === me
  const reply = replyPreview(event, context)
  return {
    kind: 'event',
    key: (isMine && transactionIdOf(event)) || event.event_id,
    eventId: event.event_id,
    at: event.origin_server_ts,
    sender: context.person(event.sender),
    isMine,
    body,
    ...(edit && { edited: { at: edit.at, state: edit.state } }),
    reactions: body.kind === 'redacted' ? [] : reactionsOf(event.event_id, context),
    ...(reply && { reply }),
    mentionsMe: !isMine && mentions({ ...event, content }, me),
    can: abilities(event, body, context),
    readers: [],
  }
}

function abilities(event: ClientEvent, body: ItemBody, { me, can }: ItemsContext): EventItem['can'] {
  if (!isMessage(event) || body.kind === 'redacted') return { edit: false, redact: false }
  const isMine = event.sender === me
  return { edit: isMine && can.send && isText(body), redact: isMine ? can.send : can.redactOthers }
}

function isText({ kind }: ItemBody): boolean {
  return kind === 'text' || kind === 'notice' || kind === 'emote'
}

function replyPreview(event: ClientEvent, context: ItemsContext): ReplyPreview | undefined {
  const replied = repliedTo(context.view, event.content)
  if (!replied) return undefined
  const { eventId, event: target } = replied
  if (!target) return { eventId }
  const edit = latestEdit(target, context.annotations)
  const content = (edit && newContentOf(edit.content)) ?? target.content
  const body = bodyOf({ ...target, content }, context)
  return { eventId, sender: context.person(target.sender), ...(body && { body }) }
}

/** What I wrote and the server has not shown back. */
function echoes(context: ItemsContext): EventItem[] {
  const here = new Set(context.view.entries.map(({ eventId }) => eventId))
  return context.outbox.flatMap((record) => {
    if (record.what.kind !== 'event' || (record.eventId !== undefined && here.has(record.eventId))) return []
    const { type, content } = record.what
    const event: ClientEvent = {
      ...{ type, content, sender: context.me, origin_server_ts: record.at },
      event_id: record.eventId ?? '',
      unsigned: { transaction_id: record.txnId },
    }
    const item = isMessage(event) ? eventItem(event, context) : undefined
    if (!item) return []
    const { eventId: _, ...rest } = item
    const known = record.eventId === undefined ? {} : { eventId: record.eventId }
    const send = { state: record.state, ...(record.failure && { failure: record.failure }) }
    return [{ ...rest, ...known, send, can: { edit: item.can.edit, redact: true } }]
  })
}
