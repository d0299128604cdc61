import { utf8Length } from './json.ts'

/** The longest identifier, event type or state key, in bytes of UTF-8. */
export const maxIdBytes = 255

const serverName = /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,255})(?::[0-9]{1,5})?$/
/** 32 bytes in 43 digits: the last digit has two bits to spare, which must be zero, so that each hash has one spelling. */
const urlHash = /^.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/
const standardHash = /^.[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]$/

/** Source: appendices, "Server Name". */
export function isServerName(text: string): boolean {
  return text.length <= maxIdBytes && serverName.test(text)
}

/**
 * Whether events may name this user, historical user IDs included: any localpart without `:` and NUL.
 *
 * Source: appendices, "User Identifiers" and "Historical User IDs".
 */
export function isUserId(id: string): boolean {
  return id.charCodeAt(0) === 0x40 && hasServerPart(id)
}

/** Whether this is a user ID that may be given to a new user: the strict, lower-case grammar. */
export function isCompliantUserId(id: string): boolean {
  return isUserId(id) && /^[a-z0-9._=/+-]+$/.test(localpartOf(id))
}

/** With a domain, or (room version 12) the hash of the create event. */
export function isRoomId(id: string): boolean {
  return id.charCodeAt(0) === 0x21 && (hasServerPart(id) || urlHash.test(id))
}

export function isRoomAlias(id: string): boolean {
  return id.charCodeAt(0) === 0x23 && hasServerPart(id)
}

/** Of any room version: `$opaque:domain`, or `$` and a hash in either alphabet of Base64. */
export function isEventId(id: string): boolean {
  if (id.charCodeAt(0) !== 0x24) return false
  return urlHash.test(id) || standardHash.test(id) || hasServerPart(id)
}

/** The event IDs of room versions 1 and 2: `$opaque:domain`. */
export function isDomainEventId(id: string): boolean {
  return id.charCodeAt(0) === 0x24 && hasServerPart(id)
}

/** The event IDs of room version 3: `$` and a hash in the standard alphabet. */
export function isHashEventId(id: string): boolean {
  return id.charCodeAt(0) === 0x24 && standardHash.test(id)
}

/** The event IDs of room version 4 and later: `$` and a hash in the URL-safe alphabet. */
export function isUrlHashEventId(id: string): boolean {
  return id.charCodeAt(0) === 0x24 && urlHash.test(id)
}

/** The server name in an identifier; empty where there is none, as in a room ID of version 12. */
export function domainOf(id: string): string {
  const colon = id.indexOf(':')
  return colon < 0 ? '' : id.slice(colon + 1)
}

/** What stands between the sigil and the first colon. */
export function localpartOf(id: string): string {
  const colon = id.indexOf(':')
  return colon < 0 ? id.slice(1) : id.slice(1, colon)
}

function hasServerPart(id: string): boolean {
  const colon = id.indexOf(':')
  if (colon < 1 || !serverName.test(id.slice(colon + 1))) return false
  if (id.length > maxIdBytes || utf8Length(id) > maxIdBytes) return false
  return !id.includes('\0') && id.isWellFormed()
}
