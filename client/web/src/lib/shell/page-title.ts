import { roomList } from '../rooms/room-list.svelte.ts'

/** What the tab of the browser says: how much is unread, and what is open. */
export function pageTitle(open?: string): string {
  const unread = roomList.joined.reduce((sum, chat) => sum + chat.unread.messages, roomList.invites.length)
  const name = open ? `${open} · Kith` : 'Kith'
  return unread > 0 ? `(${unread}) ${name}` : name
}
