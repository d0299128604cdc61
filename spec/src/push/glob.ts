/**
 * Globs, matched in time linear in the text whatever the pattern: `*` stands for any number of characters, `?` for
 * one. Texts come folded, so that one that many patterns are looked for in is folded once.
 *
 * Source: appendices, "Glob-style matching".
 */
export interface Glob {
  /** A text that every match contains: when it is missing, there is no need to look further. */
  readonly part: string
  /** How many elements the pattern has: what a look at a character costs. */
  readonly size: number
  /** Whether the whole text matches. */
  matches(folded: string): boolean
  /**
   * Whether some part of the text matches that starts and ends at a word boundary.
   * Source: client-server API, push conditions, `event_match` on `content.body`.
   */
  matchesWords(folded: string): boolean
}

/** A character (of a folded text), or undefined for any one. */
type Element = string | undefined

interface Pattern {
  elements: Element[]
  /** Before which elements anything may stand; `elements.length` is the end. */
  gaps: Set<number>
}

/** What case-insensitive means is left to the server: here, equal in lower case. */
export const fold = (text: string) => text.toLowerCase()

export function compileGlob(pattern: string): Glob {
  const folded = fold(pattern)
  if (!/[*?]/.test(folded)) return compileFolded(folded)
  const elements: Element[] = []
  const gaps = new Set<number>()
  for (const char of folded) {
    if (char === '*') gaps.add(elements.length)
    else elements.push(char === '?' ? undefined : char)
  }
  const steps = lazily(() => new Steps({ elements, gaps }))
  return {
    part: longestPart({ elements, gaps }),
    size: elements.length,
    matches: (text) => matchesWhole(steps(), text),
    matchesWords: (text) => findsWords(steps(), text),
  }
}

/** A pattern whose characters all stand for themselves. */
export function compileLiteral(text: string): Glob {
  return compileFolded(fold(text))
}

function compileFolded(literal: string): Glob {
  const steps = lazily(() => new Steps({ elements: [...literal], gaps: new Set() }))
  return {
    part: literal,
    size: literal.length,
    matches: (text) => text === literal,
    matchesWords: (text) => findsLiteral(literal, text) ?? findsWords(steps(), text),
  }
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** The longest text that every match contains. */
function longestPart({ elements, gaps }: Pattern): string {
  let longest = ''
  let part = ''
  elements.forEach((element, index) => {
    part = element === undefined ? '' : (gaps.has(index) ? '' : part) + element
    if (part.length > longest.length) longest = part
  })
  return longest
}

/** So often a literal may be found inside a word before it is looked for character by character. */
const mostTries = 8

/** Whether a literal stands between word boundaries; undefined when that takes looking at every character. */
function findsLiteral(literal: string, text: string): boolean | undefined {
  let from = 0
  for (let tries = 0; tries < mostTries; tries++) {
    const start = text.indexOf(literal, from)
    if (start < 0) return false
    if (isBoundaryAt(text, start) && isBoundaryAt(text, start + literal.length)) return true
    from = start + 1
  }
  return undefined
}

const isBoundaryAt = (text: string, index: number) =>
  index === 0 || index === text.length || isBoundary(text[index - 1] ?? '', text[index] ?? '')

function matchesWhole(steps: Steps, text: string): boolean {
  const reached = steps.nowhere()
  steps.begin(reached)
  for (const char of text) steps.advance(reached, char)
  return steps.isAtEnd(reached)
}

function findsWords(steps: Steps, text: string): boolean {
  const reached = steps.nowhere()
  let previous = ''
  for (const char of text) {
    if (isBoundary(previous, char)) {
      if (steps.isAtEnd(reached)) return true
      steps.begin(reached)
      if (steps.isAtEnd(reached)) return true
    }
    steps.advance(reached, char)
    previous = char
  }
  steps.begin(reached)
  return steps.isAtEnd(reached)
}

/** Whether a part may start or end between two characters of a folded text; an empty one is the start of the text. */
const isBoundary = (before: string, after: string) => !isWordChar(before) || !isWordChar(after)

const isWordChar = (char: string) =>
  (char >= 'a' && char <= 'z') || (char >= '0' && char <= '9') || char === '_'

/**
 * The places in a pattern that the text read so far can have reached, as bits advanced all at once (the "shift-and"
 * method): bit n means that n elements are matched. So no pattern makes the matcher go back in the text.
 */
class Steps {
  readonly #words: number
  readonly #end: number
  readonly #gaps: Uint32Array
  readonly #anyChar: Uint32Array
  readonly #chars = new Map<string, Uint32Array>()

  constructor({ elements, gaps }: Pattern) {
    this.#end = elements.length
    this.#words = (elements.length >>> 5) + 1
    this.#gaps = new Uint32Array(this.#words)
    for (const gap of gaps) setBit(this.#gaps, gap)
    this.#anyChar = new Uint32Array(this.#words)
    elements.forEach((element, index) => {
      if (element === undefined) setBit(this.#anyChar, index + 1)
    })
    elements.forEach((element, index) => {
      if (element === undefined) return
      const bits = this.#chars.get(element) ?? this.#anyChar.slice()
      setBit(bits, index + 1)
      this.#chars.set(element, bits)
    })
  }

  nowhere(): Uint32Array {
    return new Uint32Array(this.#words)
  }

  /** Lets a match begin at this place in the text. */
  begin(reached: Uint32Array): void {
    setBit(reached, 0)
  }

  advance(reached: Uint32Array, char: string): void {
    const allowed = this.#chars.get(char) ?? this.#anyChar
    let carry = 0
    for (let word = 0; word < this.#words; word++) {
      const bits = reached[word] ?? 0
      const moved = ((bits << 1) | carry) & (allowed[word] ?? 0)
      reached[word] = moved | (bits & (this.#gaps[word] ?? 0))
      carry = bits >>> 31
    }
  }

  isAtEnd(reached: Uint32Array): boolean {
    return ((reached[this.#end >>> 5] ?? 0) & (1 << (this.#end & 31))) !== 0
  }
}

function setBit(bits: Uint32Array, index: number): void {
  bits[index >>> 5] = (bits[index >>> 5] ?? 0) | (1 << (index & 31))
}
