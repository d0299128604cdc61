import type { Row } from './rows.ts'

/** px; as in the styles of the rows, at the usual size of text. */
const linePx = 22
const characterPx = 7.2
const widestColumnPx = 720

/** How tall a row will be, before it is in the page: the closer, the calmer the scrolling. */
export function estimateRow(row: Row, widthPx: number): number {
  switch (row.kind) {
    case 'day':
      return 44
    case 'new':
      return 28
    case 'notice':
      return 28
    case 'gap':
      return 72
    case 'message':
      return messagePx(row, Math.min(widthPx, widestColumnPx))
  }
}

function messagePx({ item, isHead }: Extract<Row, { kind: 'message' }>, columnPx: number): number {
  const { body } = item
  const text = 'text' in body ? body.text : ''
  const perLine = Math.max(10, ((columnPx - 72) * 0.75 - 24) / characterPx)
  const lines = text
    .split('\n')
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / perLine)), 0)
  const around = (isHead ? 34 : 2) + 14
  return around + lines * linePx + (item.reply ? 48 : 0) + (item.reactions.length > 0 ? 32 : 0)
}

/** In characters: those of East Asia are twice as wide. */
function widthOf(line: string): number {
  let width = line.length
  for (let index = 0; index < line.length; index += 1) if (line.charCodeAt(index) > 0x2e7f) width += 1
  return width
}
