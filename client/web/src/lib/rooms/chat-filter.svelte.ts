import { roomList } from './room-list.svelte.ts'
import { roomName } from './room-name.ts'

let query = $state('')
const wanted = $derived(fold(query.trim()))
const shown = $derived(
  wanted === ''
    ? roomList.joined
    : roomList.joined.filter(({ name }) => fold(roomName(name)).includes(wanted)),
)

/** The chats whose name has in it what was typed. */
export const chatFilter = {
  get query() {
    return query
  },
  set query(next: string) {
    query = next
  },
  get isOn() {
    return wanted !== ''
  },
  get shown() {
    return shown
  },
}

/** Without case and accents. */
function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}
