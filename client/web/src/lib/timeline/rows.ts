/** What the list of messages is made of: the items of a timeline, and what stands between them. */

import type { EventItem, GapItem, TimelineItem, TimelineStatus } from '../../../../core/views.ts'

export interface MessageRow {
  kind: 'message'
  key: string
  item: EventItem
  /** The first of a group of one sender: shows who, and when. */
  isHead: boolean
  isTail: boolean
  /** My newest message, that the server has and nobody has read yet. */
  isSent: boolean
}

/** Something quiet, or a run of the same: "Ada, Bo and 3 others joined". */
export interface NoticeRow {
  kind: 'notice'
  key: string
  items: EventItem[]
}

export type Row =
  | MessageRow
  | NoticeRow
  | { kind: 'gap'; key: string; item: GapItem }
  | { kind: 'day'; key: string; at: number }
  /** Where one left off. */
  | { kind: 'new'; key: string }

export interface RowsInput {
  items: readonly TimelineItem[]
  older: TimelineStatus['older']
  /** Where one left off: the next message of somebody else is new. */
  leftKey: string | undefined
}

const groupMs = 5 * 60 * 1000
const quiet: readonly string[] = [
  'membership',
  'profile',
  'created',
  'room-name',
  'room-topic',
  'room-avatar',
  'encryption-on',
  'upgraded',
] satisfies EventItem['body']['kind'][]

/** Whether nobody says it: a change of the room or its people. */
export function isQuiet({ body }: EventItem): boolean {
  return quiet.includes(body.kind)
}

/**
 * The rows in their order. An item whose predecessor has yet to be fetched is held back, as what stands before it
 * decides about its head, its day and its run: so nothing that is shown changes when older messages come.
 */
export function rowsOf({ items, older, leftKey }: RowsInput): Row[] {
  const rows: Row[] = []
  const sentKey = sentKeyOf(items)
  let before: EventItem | undefined
  let isKnown = older === 'none'
  let isNewNext = false
  for (const item of items) {
    if (item.kind === 'gap') {
      rows.push({ kind: 'gap', key: item.key, item })
      before = undefined
      isKnown = false
      isNewNext ||= item.key === leftKey
      continue
    }
    isKnown ||= before !== undefined && !canFold(before, item)
    const isNew = isNewNext && !item.isMine && !isQuiet(item)
    if (isKnown) addItem(rows, item, { before, isNew, isSent: item.key === sentKey })
    isNewNext = (isNewNext && !isNew) || item.key === leftKey
    before = item
  }
  const isAllHeldBack = rows.length === 0 && items.length > 0 && older !== 'none'
  return isAllHeldBack ? rowsOf({ items, older: 'none', leftKey }) : rows
}

interface Context {
  before: EventItem | undefined
  isNew: boolean
  isSent: boolean
}

function addItem(rows: Row[], item: EventItem, { before, isNew, isSent }: Context): void {
  const { key } = item
  const startsDay = !before || !isSameDay(before.at, item.at)
  if (startsDay) rows.push({ kind: 'day', key: `day ${key}`, at: item.at })
  if (isNew) rows.push({ kind: 'new', key: `new ${key}` })
  const last = rows.at(-1)
  if (isQuiet(item)) {
    const folds = last?.kind === 'notice' && before !== undefined && canFold(before, item)
    if (folds) rows[rows.length - 1] = { ...last, key, items: [...last.items, item] }
    else rows.push({ kind: 'notice', key, items: [item] })
    return
  }
  // By the item before, and not the row: that may be held back.
  const isHead = startsDay || isNew || isQuiet(before) || !isOneGroup(before, item)
  if (!isHead && last?.kind === 'message') last.isTail = false
  rows.push({ kind: 'message', key, item, isHead, isTail: true, isSent })
}

/** @returns undefined where the newest of mine is still on its way, or somebody has read it */
function sentKeyOf(items: readonly TimelineItem[]): string | undefined {
  const last = items.findLast(
    (item): item is EventItem =>
      item.kind === 'event' && (item.readers.length > 0 || (item.isMine && !isQuiet(item))),
  )
  const isSent = last?.isMine && last.readers.length === 0 && (last.send?.state ?? 'sent') === 'sent'
  return isSent && last.body.kind !== 'redacted' ? last.key : undefined
}

function isOneGroup(one: EventItem, next: EventItem): boolean {
  return one.sender.userId === next.sender.userId && next.at - one.at < groupMs
}

/** Whether both can be told in one line: "Ada and Bo joined", "Ada invited Bo and Cem". */
function canFold(one: EventItem, next: EventItem): boolean {
  const [first, second] = [one.body, next.body]
  if (first.kind !== 'membership' || second.kind !== 'membership') return false
  if (first.change !== second.change || first.reason || second.reason) return false
  if (first.change === 'joined' || first.change === 'left') return true
  return first.change === 'invited' && one.sender.userId === next.sender.userId
}

function isSameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString()
}

/** Rows that say the same as before are the same objects, so that nothing is drawn anew for them. */
export function reuseRows(before: ReadonlyMap<string, Row>, rows: readonly Row[]): Row[] {
  return rows.map((row) => {
    const old = before.get(row.key)
    return old && isSame(old, row) ? old : row
  })
}

function isSame(one: Row, other: Row): boolean {
  if (one.kind === 'message' && other.kind === 'message') {
    const isSameShape = one.isHead === other.isHead && one.isTail === other.isTail
    return one.item === other.item && isSameShape && one.isSent === other.isSent
  }
  if (one.kind === 'notice' && other.kind === 'notice') {
    return (
      one.items.length === other.items.length && one.items.every((item, index) => item === other.items[index])
    )
  }
  if (one.kind === 'gap' && other.kind === 'gap') return one.item === other.item
  return one.kind === other.kind && (one.kind !== 'day' || other.kind !== 'day' || one.at === other.at)
}
