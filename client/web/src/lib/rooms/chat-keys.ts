import { roomList } from './room-list.svelte.ts'
import { wantsReading } from './unread.ts'

/** Alt and an arrow: the chat beside the one that is open; with Shift, the next one with something new. */
export function chatByKey(event: KeyboardEvent, openId: string | undefined): string | undefined {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step === undefined || !event.altKey || event.ctrlKey || event.metaKey) return undefined
  const chats = roomList.joined
  const from = chats.findIndex(({ roomId }) => roomId === openId)
  // Nothing is open: down goes to the first, up to the last.
  const start = from < 0 && step < 0 ? chats.length : from
  for (let place = start + step; place >= 0 && place < chats.length; place += step) {
    const chat = chats[place]
    if (chat && (!event.shiftKey || wantsReading(chat))) return chat.roomId
  }
  return undefined
}

/** Ctrl or Cmd with K: to the field that finds chats. */
export function isFindKey({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return key.toLowerCase() === 'k' && ctrlKey !== metaKey && !altKey && !shiftKey
}
