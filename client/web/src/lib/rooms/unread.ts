import type { RoomEntry } from '../../../../core/views.ts'

/** Whether a chat is one to go to for what is new in it. */
export function wantsReading({ unread, isMuted }: RoomEntry): boolean {
  return unread.messages > 0 || unread.mentions > 0 || (unread.isUnread && !isMuted)
}
