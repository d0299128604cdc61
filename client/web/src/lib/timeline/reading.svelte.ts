import { untrack } from 'svelte'
import type { EventItem, TimelineItem } from '../../../../core/views.ts'
import { core } from '../core.ts'
import { failureOf } from '../failures.svelte.ts'
import { text } from '../i18n/language.svelte.ts'
import type { OpenRoom } from '../rooms/open-room.svelte.ts'
import { roomList } from '../rooms/room-list.svelte.ts'
import { session } from '../session.svelte.ts'
import { previewText } from './body-text.ts'
import { isQuiet, type Row } from './rows.ts'
import type { VirtualList } from './virtual-list.svelte.ts'
import { windowFocus } from './window-focus.svelte.ts'

/** So long, in ms, has one to look at messages before others learn that they were read. */
const glanceMs = 400
/** px: of a message that is cut off by so little, everything is seen. */
const cutOffPx = 8

export interface ReadingOptions {
  room: OpenRoom
  list: VirtualList<Row>
  /** What was known of the room when it was opened: what is new comes after it. */
  known: OpenRoom['timeline']
}

/** What is new in a room, what has been read of it, and what is said of it. Create it while a component is being made. */
export class Reading {
  readonly #room: OpenRoom
  readonly #list: VirtualList<Row>
  #leftKey = $state<string>()
  #announced = $state.raw({ key: '', text: '' })
  #seenKey = $state<string>()
  /** Unread messages whose first has not been found yet, and the last of them. */
  #unread: { count: number; lastKey: string | undefined } | undefined
  #lastKey: string | undefined
  #echoes = new Set<string>()
  #markedKey: string | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Messages of others that came while one was not at the end. */
  readonly newBelow = $derived.by(() => (this.#list.isAtEnd ? 0 : this.#messagesAfter(this.#seenKey).length))

  constructor({ room, list, known }: ReadingOptions) {
    this.#room = room
    this.#list = list
    $effect(() => {
      const { timeline } = room
      if (!timeline || timeline === known) return
      const entry = roomList.entry(room.roomId) ?? (room.details?.known ? room.details.room.entry : undefined)
      if (entry) untrack(() => this.#follow(timeline.items, entry.unread.messages))
    })
    $effect(() => {
      if (list.isAtEnd) this.#seenKey = lastKnown(this.#items)
      if (windowFocus.isHere) this.look()
    })
    $effect(() => () => clearTimeout(this.#timer))
  }

  /** The item where one left off: what comes after it is new. Absent: nothing is. */
  get leftKey() {
    return this.#leftKey
  }

  /** What a screen reader says of new messages. */
  get announced() {
    return this.#announced
  }

  /** Marks as read what is seen, if it still is in a moment. */
  look(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      if (windowFocus.isHere) this.#mark()
    }, glanceMs)
  }

  get #items(): readonly TimelineItem[] {
    return this.#room.timeline?.items ?? []
  }

  #follow(items: readonly TimelineItem[], unread: number): void {
    const before = this.#lastKey
    this.#lastKey = lastKnown(items)
    if (before === undefined) this.#unread = { count: unread, lastKey: this.#lastKey }
    this.#findLeft(items)
    const isWriting = this.#hasNewEcho(items)
    if (before === undefined) return
    if (isWriting) this.#list.toEnd()
    const messages = eventsAfter(items, before).filter(isOfOthers)
    if (messages.length > 0 && this.#isAway && this.#isRead) this.#leftKey = before
    this.#announce(messages)
  }

  /** Whether I have just sent something from here. */
  #hasNewEcho(items: readonly TimelineItem[]): boolean {
    const echoes = items.filter((item) => isEvent(item) && item.send).map(({ key }) => key)
    const hasNew = echoes.some((key) => !this.#echoes.has(key))
    this.#echoes = new Set(echoes)
    return hasNew
  }

  /** What the first sync brings has come while one was away, too. */
  get #isAway(): boolean {
    return !windowFocus.isHere || !session.connection.hasSynced
  }

  get #isRead(): boolean {
    return this.#leftKey === undefined || this.#markedKey !== undefined
  }

  #findLeft(items: readonly TimelineItem[]): void {
    const unread = this.#unread
    if (!unread) return
    const end = indexOf(items, unread.lastKey) + 1
    let missing = unread.count
    const first = items.findLastIndex(
      (item, index) => index < end && isEvent(item) && isOfOthers(item) && --missing === 0,
    )
    const left = unread.count > 0 ? items[first - 1]?.key : undefined
    if (unread.count > 0 && left === undefined) return
    this.#unread = undefined
    this.#leftKey = left
  }

  #announce(messages: readonly EventItem[]): void {
    const last = messages.at(-1)
    if (!last || this.#list.isScrolling) return
    const said =
      messages.length === 1 ? previewText(last.body, last) : text.timeline.newBelow(messages.length)
    this.#announced = { key: last.key, text: said }
  }

  #messagesAfter(key: string | undefined): EventItem[] {
    return key === undefined ? [] : eventsAfter(this.#items, key).filter(isOfOthers)
  }

  #mark(): void {
    const items = this.#items
    const seen = this.#list.isAtEnd
      ? items.length - 1
      : indexOf(items, this.#list.lastRowAbove(this.#list.window.to + cutOffPx)?.key)
    const item = items.slice(0, seen + 1).findLast((one) => isEvent(one) && !one.isMine && one.eventId)
    if (item?.kind !== 'event' || item.eventId === undefined) return
    if (indexOf(items, item.key) <= indexOf(items, this.#markedKey)) return
    this.#markedKey = item.key
    core.commands.markRead(this.#room.roomId, item.eventId).catch(failureOf)
  }
}

function isEvent(item: TimelineItem): item is EventItem {
  return item.kind === 'event'
}

/** The last that the server has shown us. */
function lastKnown(items: readonly TimelineItem[]): string | undefined {
  return items.findLast((item) => isEvent(item) && !item.send)?.key
}

function isOfOthers(item: EventItem): boolean {
  return !item.isMine && !isQuiet(item)
}

function indexOf(items: readonly TimelineItem[], key: string | undefined): number {
  return key === undefined ? -1 : items.findLastIndex((item) => item.key === key)
}

/** Those behind an item; none if it is gone. */
function eventsAfter(items: readonly TimelineItem[], key: string): EventItem[] {
  const index = indexOf(items, key)
  return index < 0 ? [] : items.slice(index + 1).filter(isEvent)
}
