import type { RoomEntry } from '../../../../core/views.ts'
import { text } from '../i18n/language.svelte.ts'
import { bodyText, previewText } from '../timeline/body-text.ts'

/** The second line of a chat in the list: what was said last. */
export function previewOf({ membership, last, partner }: RoomEntry): string {
  if (membership === 'knock') return text.rooms.asked
  if (!last) return ''
  // Between two, it is plain who speaks.
  return partner && !last.isMine ? bodyText(last.body, last) : previewText(last.body, last)
}
