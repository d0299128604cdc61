import { badJson } from './errors.ts'
import { ExactNumber } from './exact-number.ts'
import type { Json, JsonObject } from './json.ts'

export interface CanonicalOptions {
  /** Levels of nesting; more is refused before the call stack is in danger. */
  maxDepth?: number
  /**
   * Lets numbers through that are not safe integers, written as JavaScript writes them. For bodies of requests
   * between servers, which are signed whole and may carry floats outside of events.
   */
  floats?: boolean
  /** Refuses an `ExactNumber`, which only rooms with lenient JSON may have. */
  strict?: boolean
}

const plainText = /^[\x20\x21\x23-\x5b\x5d-\ud7ff\ue000-\uffff]*$/

/**
 * The one encoding of a value that is hashed and signed. Encode it as UTF-8.
 *
 * Throws M_BAD_JSON for numbers that are not integers within +-(2^53 - 1), lone surrogates, and whatever JSON
 * cannot hold. Source: appendices, "Canonical JSON".
 */
export function canonicalJson(value: Json, options: CanonicalOptions = {}): string {
  return encode(value, options.maxDepth ?? 512, options)
}

function encode(value: Json, levels: number, options: CanonicalOptions): string {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      return encodeNumber(value, options.floats ?? false)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      if (value instanceof ExactNumber) return encodeExact(value, options)
      if (levels === 0) throw badJson('The JSON is nested too deeply')
      return Array.isArray(value)
        ? encodeArray(value, levels - 1, options)
        : encodeObject(value, levels - 1, options)
    default:
      throw badJson(`A value of type ${typeof value} is not JSON`)
  }
}

function encodeNumber(value: number, floats: boolean): string {
  if (!Number.isSafeInteger(value) && !(floats && Number.isFinite(value))) {
    throw badJson(`${value} is not an integer that JSON can hold exactly`)
  }
  return String(value)
}

function encodeExact({ text }: ExactNumber, { strict }: CanonicalOptions): string {
  if (strict) throw badJson(`${text} is not an integer that JSON can hold exactly`)
  return text
}

function encodeArray(values: Json[], levels: number, options: CanonicalOptions): string {
  let text = '['
  for (let i = 0; i < values.length; i++) {
    if (i > 0) text += ','
    text += encode(values[i] as Json, levels, options)
  }
  return `${text}]`
}

function encodeObject(object: JsonObject, levels: number, options: CanonicalOptions): string {
  const keys = Object.keys(object)
  sortByCodePoint(keys)
  let text = '{'
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string
    if (i > 0) text += ','
    text += `${quote(key)}:${encode(object[key] as Json, levels, options)}`
  }
  return `${text}}`
}

/** JSON.stringify escapes exactly what canonical JSON escapes, once lone surrogates are excluded. */
function quote(text: string): string {
  if (plainText.test(text)) return `"${text}"`
  if (!text.isWellFormed()) throw badJson('A string has a lone surrogate')
  return JSON.stringify(text)
}

/** Sorts in place. Insertion, since objects are small and mostly sorted already; large ones are sorted natively. */
function sortByCodePoint(keys: string[]): void {
  if (keys.length > 32) {
    keys.sort(compareCodePoints)
    return
  }
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as string
    let j = i - 1
    while (j >= 0 && compareCodePoints(keys[j] as string, key) > 0) {
      keys[j + 1] = keys[j] as string
      j--
    }
    keys[j + 1] = key
  }
}

/**
 * JavaScript compares UTF-16 units, which puts U+10000 and above (surrogates, D800 to DFFF) before U+E000 to
 * U+FFFF. So where two strings part, a surrogate counts as larger than any other unit.
 */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    const surrogateX = x >= 0xd800 && x <= 0xdfff
    const surrogateY = y >= 0xd800 && y <= 0xdfff
    if (surrogateX !== surrogateY) return surrogateX ? 1 : -1
    return x - y
  }
  return a.length - b.length
}
