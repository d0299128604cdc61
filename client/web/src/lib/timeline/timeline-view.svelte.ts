import { core } from '../core.ts'
import { failureOf } from '../failures.svelte.ts'
import type { OpenRoom } from '../rooms/open-room.svelte.ts'
import { estimateRow } from './estimate-row.ts'
import { type Row, reuseRows, rowsOf } from './rows.ts'
import { type Bookmark, VirtualList } from './virtual-list.svelte.ts'

/** Where one was in each room. */
const bookmarks = new Map<string, Bookmark>()

/** px above the oldest message: for what is on its way, or the beginning. */
export const spaceBefore = 96

/** The messages of a room as they are shown. Create it while a component is being made. */
export class TimelineView {
  readonly room: OpenRoom
  readonly list: VirtualList<Row>
  #isAsking = false
  #rowsBefore = new Map<string, Row>()
  readonly rows = $derived.by(() => this.#makeRows())

  constructor(room: OpenRoom) {
    this.room = room
    this.list = new VirtualList<Row>({
      rows: () => this.rows,
      estimate: estimateRow,
      spaceBefore,
      bookmark: bookmarks.get(room.roomId),
      onmove: () => this.#moved(),
      onleave: (bookmark) => bookmarks.set(room.roomId, bookmark),
    })
  }

  get older() {
    return this.room.timeline?.status.older
  }

  loadOlder(): void {
    if (this.#isAsking) return
    this.#isAsking = true
    this.#run(core.commands.loadOlder(this.room.roomId)).then(() => {
      this.#isAsking = false
      this.#moved()
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
    if (!timeline) return []
    const rows = rowsOf({ items: timeline.items, older: timeline.status.older, firstNew: undefined })
    const reused = reuseRows(this.#rowsBefore, rows)
    this.#rowsBefore = new Map(reused.map((row) => [row.key, row]))
    return reused
  }

  /** Asks for what is missing before one gets there. */
  #moved(): void {
    const { from, to } = this.list.window
    const near = 2 * (to - from)
    if (this.older === 'yes' && from < near + spaceBefore) this.loadOlder()
    for (const { row } of this.list.shown) {
      if (row.kind === 'gap' && row.item.state === 'waiting') this.loadGap(row.key)
    }
  }
}
