import { badJson, MatrixError, notJson } from './errors.ts'
import { ExactNumber, exactNumber } from './exact-number.ts'
import type { Json } from './json.ts'

export interface JsonLimits {
  /** Levels of nesting. */
  maxDepth?: number
  /** Keys of all objects together. */
  maxKeys?: number
  /** Lets numbers through that are too large, as infinite ones. For `plain` only, where the parts are judged later. */
  anyNumber?: boolean
}

const defaults = { maxDepth: 128, maxKeys: 50_000, anyNumber: false }

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Parses what a stranger sent. Throws M_NOT_JSON for what is not JSON in UTF-8 and M_BAD_JSON beyond the limits.
 *
 * `canonical` is for events and whatever else is signed: the raw text must have no floats, exponents, `-0`, integers
 * beyond +-(2^53 - 1), duplicate keys or lone surrogates (M_BAD_JSON). Source: room version 6, "Canonical JSON".
 *
 * `exact` is for events of rooms before version 6, which may have any number, as often as not by mistake: those that a
 * JavaScript number would not give back become an `ExactNumber`, and of a key that is there twice the last one counts.
 * Lone surrogates are refused, since there are no bytes to hash then. Source: room version 1, "Canonical JSON".
 *
 * A key like `__proto__` becomes an own property as any other; read keys that strangers choose with `own`.
 */
export function parseJson(
  input: Uint8Array | string,
  mode: 'canonical' | 'exact' | 'plain',
  limits: JsonLimits = {},
): Json {
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  const found = scan(text, mode !== 'plain', { ...defaults, ...limits })
  const value = parse(text, mode === 'exact' && found.fault !== undefined)
  const isLenient = mode === 'exact' || (mode === 'plain' && limits.anyNumber)
  if (found.fault && !isLenient) throw badJson(found.fault)
  if (mode === 'plain') return value
  const seen = { keys: 0, checkStrings: text.includes('\\u') || !text.isWellFormed() }
  if (mode === 'canonical' || seen.checkStrings) walk(value, seen)
  if (mode === 'canonical' && seen.keys !== found.keys) throw badJson('An object has the same key twice')
  return value
}

export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw notJson('The body is not UTF-8')
  }
}

function parse(text: string, exact: boolean): Json {
  try {
    return exact ? JSON.parse(text, toExact) : JSON.parse(text)
  } catch (error) {
    if (error instanceof MatrixError) throw error
    throw notJson('The body is not JSON')
  }
}

/** Where a value may begin, a number that may be more than a safe integer. A string may look like that too: no harm. */
const oddNumber = /[:,[]-?(?:[0-9]+[.eE]|[0-9]{16})/

/** Parses the canonical text of an event that was checked before; as fast as `JSON.parse` where it has no odd number. */
export function parseStoredEvent(text: string): Json {
  return oddNumber.test(text) ? JSON.parse(text, toExact) : JSON.parse(text)
}

function toExact(_key: string, value: unknown, context?: { source: string }): unknown {
  if (typeof value !== 'number' || !context) return value
  const number = exactNumber(context.source)
  if (!Number.isFinite(number) && !(number instanceof ExactNumber)) {
    throw badJson(`${context.source.slice(0, 40)} is too large`)
  }
  return number
}

/**
 * Looks at the raw tokens, before anything is built from them. Keys are counted by their colons.
 *
 * The text need not be JSON: whatever is found then, parsing it fails afterwards.
 */
function scan(
  text: string,
  canonical: boolean,
  limits: Required<JsonLimits>,
): { keys: number; fault?: string } {
  let keys = 0
  let depth = 0
  let fault: string | undefined
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 0x22) i = endOfString(text, i)
    else if (unit === 0x3a) keys++
    else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > limits.maxDepth) throw badJson(`The JSON is nested over ${limits.maxDepth} levels deep`)
    } else if (unit === 0x7d || unit === 0x5d) depth--
    else if (unit === 0x2d || (unit >= 0x30 && unit <= 0x39)) {
      const end = endOfNumber(text, i)
      fault ??= faultOfNumber(text.slice(i, end), canonical)
      i = end - 1
    }
  }
  if (keys > limits.maxKeys) throw badJson(`The JSON has over ${limits.maxKeys} keys`)
  return { keys, fault }
}

/** @returns the index of the closing quote, or the length of the text if there is none */
export function endOfString(text: string, start: number): number {
  let end = start
  do {
    end = text.indexOf('"', end + 1)
    if (end < 0) return text.length
  } while (isEscaped(text, end))
  return end
}

function isEscaped(text: string, index: number): boolean {
  let slashes = 0
  while (text.charCodeAt(index - 1 - slashes) === 0x5c) slashes++
  return slashes % 2 === 1
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1
  while (end < text.length && isNumberUnit(text.charCodeAt(end))) end++
  return end
}

/** Digits and `+ - . E e`. */
function isNumberUnit(unit: number): boolean {
  return (
    (unit >= 0x30 && unit <= 0x39) ||
    (unit >= 0x2b && unit <= 0x2e && unit !== 0x2c) ||
    (unit | 0x20) === 0x65
  )
}

function faultOfNumber(token: string, canonical: boolean): string | undefined {
  if (!canonical) return Number.isFinite(Number(token)) ? undefined : `${token.slice(0, 40)} is too large`
  if (!/^-?[0-9]+$/.test(token)) return `${token.slice(0, 40)} is not written as an integer`
  if (token === '-0') return '-0 is not allowed'
  return Number.isSafeInteger(Number(token)) ? undefined : `${token.slice(0, 40)} is beyond 2^53 - 1`
}

/** Recursion is safe here: the scan bounded the depth. */
function walk(value: Json, seen: { keys: number; checkStrings: boolean }): void {
  if (typeof value === 'string') {
    if (seen.checkStrings && !value.isWellFormed()) throw badJson('A string has a lone surrogate')
  } else if (Array.isArray(value)) {
    for (const item of value) walk(item, seen)
  } else if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value)) {
      seen.keys++
      if (seen.checkStrings && !key.isWellFormed()) throw badJson('A key has a lone surrogate')
      walk(value[key] as Json, seen)
    }
  }
}
