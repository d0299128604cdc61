import { type Json, type JsonObject, own } from '../json.ts'

/**
 * Whether a room's access list lets a server take part.
 *
 * The cost is at most that of all patterns times the length of a server name, 255.
 *
 * @param content of the `m.room.server_acl` event; undefined where the room has none
 * Source: client-server API, "Server Access Control Lists (ACLs) for rooms".
 */
export function isServerAllowed(content: JsonObject | undefined, serverName: string): boolean {
  if (!content) return true // 1
  const host = withoutPort(serverName).toLowerCase()
  if (own(content, 'allow_ip_literals') === false && isIpLiteral(host)) return false // 2
  const isListed = (patterns: Json | undefined) =>
    Array.isArray(patterns) &&
    patterns.some((pattern) => typeof pattern === 'string' && matchesGlob(pattern.toLowerCase(), host))
  if (isListed(own(content, 'deny'))) return false // 3
  return isListed(own(content, 'allow')) // 4, 5
}

function withoutPort(serverName: string): string {
  return serverName.replace(/:[0-9]+$/, '')
}

function isIpLiteral(host: string): boolean {
  return host.startsWith('[') || /^[0-9]{1,3}(\.[0-9]{1,3}){3}$/.test(host)
}

/**
 * Whether a glob matches a whole text: `*` stands for any characters, `?` for one.
 *
 * A failed attempt goes back to the last `*` alone, so the cost is at most the product of the lengths. For short
 * texts and many patterns that match once: nothing is compiled.
 */
function matchesGlob(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let restart = 0
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++
      restart = t
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++
      t++
    } else if (star >= 0) {
      p = star + 1
      t = ++restart
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}
