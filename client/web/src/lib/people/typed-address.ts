/** What people type or paste to say whom or which group they mean. */

import { isRoomAlias, isRoomId, isUserId } from '@kith/spec/ids'

/**
 * The user ID in what somebody typed: whole, without its `@`, in a link, or only the part before the colon.
 *
 * @param myServer what the last one is completed with
 */
export function personAddress(typed: string, myServer: string): string | undefined {
  const words = typed.trim()
  const linked = personInLink(words)
  if (linked !== undefined) return linked
  const bare = words.replace(/^@/, '')
  if (bare === '' || /\s/.test(bare)) return undefined
  if (bare.includes(':')) return isUserId(`@${bare}`) ? `@${bare}` : undefined
  return /^[a-z0-9._=/+-]+$/i.test(bare) ? `@${bare.toLowerCase()}:${myServer}` : undefined
}

export type TypedTarget = { kind: 'room'; target: string } | { kind: 'person'; userId: string }

/** The address or link of a room among other words, or of a person who was mistaken for one. */
export function roomAddress(typed: string): TypedTarget | undefined {
  const words = typed.split(/\s+/).map((word) => word.replace(/^[("'“<]+|[)"'”>.,;!?]+$/g, ''))
  // The last one: an address that was torn by spaces.
  for (const word of [...words, typed.replace(/\s/g, '')]) {
    const found = targetIn(word)
    if (found) return found
  }
  return undefined
}

function targetIn(word: string): TypedTarget | undefined {
  const person = personInLink(word) ?? (word.startsWith('@') && isUserId(word) ? word : undefined)
  if (person !== undefined) return { kind: 'person', userId: person }
  if (/^https?:\/\/matrix\.to\/#\/(?:[#!]|%23|%21)/i.test(word)) return { kind: 'room', target: word }
  if (/^matrix:(?:r|roomid)\//i.test(word)) return { kind: 'room', target: word }
  const id = ownLink(word) ?? word
  return isRoomAlias(id) || isRoomId(id) ? { kind: 'room', target: id } : undefined
}

function personInLink(word: string): string | undefined {
  const [, inMatrixTo] = /^https?:\/\/matrix\.to\/#\/((?:@|%40)[^/?]+)/i.exec(word) ?? []
  const [, inUri] = /^matrix:u\/([^/?]+)/i.exec(word) ?? []
  const id = inMatrixTo ? decoded(inMatrixTo) : inUri && `@${decoded(inUri)}`
  return id && isUserId(id) ? id : undefined
}

/** A link to a chat in this app, on whatever server. */
function ownLink(word: string): string | undefined {
  const [, id] = /^https?:\/\/[^/]+\/room\/([^/?#]+)/i.exec(word) ?? []
  return id && decoded(id)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
