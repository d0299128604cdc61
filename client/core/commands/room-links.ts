import { isRoomAlias, isRoomId } from '@kith/spec/ids'
import { CommandError } from '../errors.ts'

export interface RoomTarget {
  /** An ID or an alias. */
  room: string
  via: string[]
}

/**
 * Reads what leads to a room: its ID, its alias, or a link.
 *
 * Source: appendices, "matrix.to navigation" and "Matrix URI scheme".
 * @throws CommandError `invalid-input`
 */
export function roomTarget(typed: string): RoomTarget {
  const target = fromMatrixTo(typed.trim()) ?? fromUri(typed.trim()) ?? { room: typed.trim(), via: [] }
  if (!isRoomAlias(target.room) && !isRoomId(target.room)) {
    throw new CommandError('invalid-input', 'Neither an address nor a link of a room')
  }
  return target
}

function fromMatrixTo(text: string): RoomTarget | undefined {
  const [, path, query] = /^https?:\/\/matrix\.to\/#\/([^/?]+)[^?]*(?:\?(.*))?$/i.exec(text) ?? []
  return path === undefined ? undefined : { room: decoded(path), via: viaOf(query) }
}

function fromUri(text: string): RoomTarget | undefined {
  const [, kind, id, query] = /^matrix:(r|roomid)\/([^/?]+)[^?]*(?:\?(.*))?$/i.exec(text) ?? []
  if (kind === undefined || id === undefined) return undefined
  return { room: (kind.toLowerCase() === 'r' ? '#' : '!') + decoded(id), via: viaOf(query) }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function viaOf(query: string | undefined): string[] {
  return new URLSearchParams(query ?? '').getAll('via')
}
