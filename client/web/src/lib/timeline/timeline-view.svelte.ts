import { untrack } from 'svelte'
import { core } from '../core.ts'
import { failureOf } from '../failures.svelte.ts'
import type { OpenRoom } from '../rooms/open-room.svelte.ts'
import { session } from '../session.svelte.ts'
import { estimateRow } from './estimate-row.ts'
import { Reading } from './reading.svelte.ts'
import { Replies } from './replies.svelte.ts'
import { RovingFocus } from './roving-focus.svelte.ts'
import { type Row, reuseRows, rowsOf } from './rows.ts'
import { VirtualList } from './virtual-list.svelte.ts'
import type { Bookmark } from './virtual-list-options.ts'

/** Where one was in each room. */
const bookmarks = new Map<string, Bookmark>()

/** px: above the oldest message, for what is on its way or the beginning, and below the newest. */
export const space = { before: 96, after: 8 }

/** The messages of a room as they are shown. Create it while a component is being made. */
export class TimelineView {
  readonly room: OpenRoom
  readonly list: VirtualList<Row>
  readonly reading: Reading
  readonly focus: RovingFocus
  readonly replies: Replies
  /** A message that one has jumped to. */
  flashedKey = $state<string>()
  /** As it was when one last left the room. */
  readonly #known: OpenRoom['timeline']
  /** The message one comes back to: until it is there, everything stays as it was. */
  #awaitedKey: string | undefined
  #isAsking = false
  #shown: { rows: readonly Row[]; byKey: ReadonlyMap<string, Row>; keys: ReadonlyMap<string, string> } = {
    rows: [],
    byKey: new Map(),
    keys: new Map(),
  }
  readonly #rows = $derived.by(() => this.#makeRows())

  /** @param onescape leads out of the messages */
  constructor(room: OpenRoom, onescape: () => void) {
    const bookmark = bookmarks.get(room.roomId)
    this.room = room
    this.#known = untrack(() => room.timeline)
    if (bookmark && bookmark.position !== 'end') this.#awaitedKey = bookmark.position.key
    this.replies = new Replies(room.roomId)
    const rows = () => this.#rows
    this.list = new VirtualList<Row>({
      rows,
      estimate: estimateRow,
      space,
      isLasting: ({ kind }) => kind === 'message',
      bookmark,
      onmove: () => this.#moved(),
      onleave: (left) => bookmarks.set(room.roomId, left),
    })
    this.reading = new Reading({ room, list: this.list, known: this.#known })
    this.focus = new RovingFocus({ rows, list: this.list, onescape })
    $effect(() => {
      const isBack = session.connection.kind === 'live'
      void room.timeline
      untrack(() => this.#ask(isBack))
    })
  }

  get older() {
    return this.room.timeline?.status.older
  }

  /** Whether a message is among those that are here. */
  has(eventId: string): boolean {
    void this.#rows
    return this.#shown.keys.has(eventId)
  }

  jumpTo(eventId: string): void {
    const key = this.#shown.keys.get(eventId)
    if (key === undefined || !this.list.toKey(key)) return
    this.focus.focus(key)
    this.flashedKey = key
  }

  loadOlder(): void {
    if (this.#isAsking) return
    this.#isAsking = true
    this.#run(core.commands.loadOlder(this.room.roomId)).then(() => {
      this.#isAsking = false
      this.#ask()
    })
  }

  loadGap(key: string): void {
    void this.#run(core.commands.loadGap(this.room.roomId, key))
  }

  /** What fails is told by the timeline itself. */
  #run(work: Promise<void>): Promise<void> {
    return work.catch((error: unknown) => void failureOf(error))
  }

  #makeRows(): readonly Row[] {
    const { timeline } = this.room
    if (!timeline || this.#isHeld(timeline)) return this.#shown.rows
    const { items, status } = timeline
    const made = rowsOf({ items, older: status.older, leftKey: this.reading.leftKey })
    const rows = reuseRows(this.#shown.byKey, made)
    const byKey = new Map(rows.map((row) => [row.key, row]))
    const keys = new Map(
      rows.flatMap((row) =>
        row.kind === 'message' && row.item.eventId ? [[row.item.eventId, row.key]] : [],
      ),
    )
    this.#shown = { rows, byKey, keys }
    return rows
  }

  /** Whether the message that one comes back to has yet to be read from the store. */
  #isHeld({ items, status }: NonNullable<OpenRoom['timeline']>): boolean {
    if (this.#awaitedKey === undefined || this.room.timeline === this.#known) return false
    const isThere = items.some(({ key }) => key === this.#awaitedKey)
    const isPending = !isThere && (status.older === 'yes' || status.older === 'loading')
    if (!isPending) this.#awaitedKey = undefined
    return isPending
  }

  #moved(): void {
    this.#ask()
    this.reading.look()
  }

  /** Asks for what is missing before one gets there. */
  #ask(isBack = false): void {
    const { from, to } = this.list.window
    const isNear = from < 2 * (to - from) + space.before
    const isWanted = this.older === 'yes' || (isBack && this.older === 'failed')
    if (isWanted && (isNear || this.#awaitedKey !== undefined)) this.loadOlder()
    for (const { row } of this.list.shown) {
      if (row.kind === 'gap' && row.item.state === 'waiting') this.loadGap(row.key)
    }
  }
}
