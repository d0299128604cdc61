import { badJson } from './errors.ts'
import { isObject, type JsonObject } from './json.ts'
import { decodeUtf8, endOfString, type JsonLimits, parseJson } from './strict-json.ts'

export interface SplitJson {
  /** The body without the members that were taken out. */
  rest: JsonObject
  /** By member: the raw texts of its items; of the value itself, where it is no array. */
  items: Map<string, string[]>
}

/**
 * Takes members of a body apart without parsing them, so that each item can be held to canonical JSON by its raw text
 * and a bad one fails alone, at no cost in memory for the others: `pdus`, `state`, `auth_chain`, `event`.
 *
 * Throws M_NOT_JSON or M_BAD_JSON for the body around the items. The items are not looked at: whether they are JSON
 * shows when they are parsed. Cost is linear, without recursion.
 */
export function splitJson(
  input: Uint8Array | string,
  members: ReadonlySet<string>,
  limits: JsonLimits = {},
): SplitJson {
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  const items = new Map<string, string[]>()
  let kept = ''
  let copied = 0
  for (const { name, start, end } of membersOf(text)) {
    if (!members.has(name)) continue
    items.set(name, itemsOf(text, start, end))
    kept += `${text.slice(copied, start)}null`
    copied = end
  }
  const rest = parseJson(kept + text.slice(copied), 'plain', limits)
  if (!isObject(rest)) throw badJson('The body must be an object')
  for (const name of items.keys()) delete rest[name]
  return { rest, items }
}

/** The members of the outermost object and where their values stand, up to the first that is out of order. */
function* membersOf(text: string): Generator<{ name: string; start: number; end: number }> {
  let at = skipSpace(text, 0)
  if (text[at] !== '{') return
  at = skipSpace(text, at + 1)
  while (text[at] === '"') {
    const keyEnd = endOfString(text, at)
    const colon = skipSpace(text, keyEnd + 1)
    const name = nameOf(text.slice(at, keyEnd + 1))
    if (text[colon] !== ':' || name === undefined) return
    const start = skipSpace(text, colon + 1)
    const end = endOfValue(text, start)
    yield { name, start, end }
    const comma = skipSpace(text, end)
    if (text[comma] !== ',') return
    at = skipSpace(text, comma + 1)
  }
}

function nameOf(quoted: string): string | undefined {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return JSON.parse(quoted)
  } catch {
    return undefined
  }
}

/** Garbage stays in the item it stands in, so that the item fails; a comma too many makes an empty item. */
function itemsOf(text: string, start: number, end: number): string[] {
  if (text[start] !== '[') return [text.slice(start, end)]
  const close = text[end - 1] === ']' ? end - 1 : end
  const items: string[] = []
  let at = skipSpace(text, start + 1)
  if (at >= close) return items
  for (;;) {
    const itemEnd = endOfValue(text, at)
    const separator = skipSpace(text, itemEnd)
    if (text[separator] !== ',' || separator >= close) break
    items.push(text.slice(at, itemEnd))
    at = skipSpace(text, separator + 1)
  }
  items.push(text.slice(at, close))
  return items
}

/** @returns the index after the value that starts at `start`, wherever the text stops being JSON */
function endOfValue(text: string, start: number): number {
  let depth = 0
  for (let i = start; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 0x22) {
      i = endOfString(text, i)
      if (depth === 0) return Math.min(i + 1, text.length)
    } else if (unit === 0x7b || unit === 0x5b) depth++
    else if (unit === 0x7d || unit === 0x5d) {
      if (depth <= 1) return depth === 1 ? i + 1 : i
      depth--
    } else if (depth === 0 && (unit === 0x2c || isSpace(unit))) return i
  }
  return text.length
}

function skipSpace(text: string, start: number): number {
  let at = start
  while (at < text.length && isSpace(text.charCodeAt(at))) at++
  return at
}

const isSpace = (unit: number) => unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09
