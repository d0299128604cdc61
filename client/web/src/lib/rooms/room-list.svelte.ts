import { applyListUpdate } from '../../../../core/updates.ts'
import type { RoomEntry } from '../../../../core/views.ts'
import { topicValue } from '../topic.svelte.ts'

const entries = topicValue<'rooms', ReadonlyMap<string, RoomEntry>>('rooms', undefined, (update, before) => {
  const map = new Map(before)
  applyListUpdate(map, update, ({ roomId }) => roomId)
  return map
})
const shown = $derived.by(() => {
  const all = [...(entries.value?.values() ?? [])].filter(({ isSpace }) => !isSpace)
  const newestFirst = all.sort((one, other) => other.activity - one.activity)
  return {
    invites: newestFirst.filter(({ membership }) => membership === 'invite'),
    joined: newestFirst.filter(({ membership }) => membership === 'join' || membership === 'knock'),
  }
})

/** The chat list. Spaces are not in it. */
export const roomList = {
  /** Absent until the core has told. */
  get isKnown() {
    return entries.value !== undefined
  },
  /** Newest first, as is `joined`. */
  get invites() {
    return shown.invites
  },
  /** Those one is in, and those one has knocked at. */
  get joined() {
    return shown.joined
  },
  entry: (roomId: string) => entries.value?.get(roomId),
}
