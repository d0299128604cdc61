import type { EventItem, ItemBody, RoomDetails } from '../../../../../core/views.ts'

export interface Possible {
  react: boolean
  reply: boolean
  edit: boolean
  delete: boolean
  retry: boolean
  /** Text to copy, if there is any. */
  copy: string
}

/** What can be done with a message, now and by me. */
export function possibleWith(item: EventItem, room: RoomDetails | undefined): Possible {
  const isThere = item.eventId !== undefined && isMessage(item.body)
  // Nothing can be written where messages are encrypted.
  const canWrite = room?.can.send === true && !room.entry.isEncrypted
  return {
    react: isThere && room?.can.react === true,
    reply: isThere && canWrite,
    edit: item.can.edit && canWrite,
    delete: item.can.redact,
    retry: item.send?.state === 'failed',
    copy: isMessage(item.body) && 'text' in item.body ? item.body.text : '',
  }
}

const messages: readonly string[] = [
  'text',
  'notice',
  'emote',
  'media',
  'sticker',
  'location',
  'encrypted',
  'unknown',
] satisfies ItemBody['kind'][]

function isMessage({ kind }: ItemBody): boolean {
  return messages.includes(kind)
}

export function hasAny({ copy, ...rest }: Possible): boolean {
  return copy !== '' || Object.values(rest).includes(true)
}
