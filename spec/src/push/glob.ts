/**
 * Globs, matched in time linear in the text whatever the pattern: `*` stands for any number of characters, `?` for
 * one; case is ignored. Source: appendices, "Glob-style matching".
 */
export interface Glob {
  /** Whether the whole text matches. */
  matches(text: string): boolean
  /**
   * Whether some part of the text matches that starts and ends at a word boundary.
   * Source: client-server API, push conditions, `event_match` on `content.body`.
   */
  matchesWords(text: string): boolean
}

/** A character (of a folded text), or undefined for any one. */
type Element = string | undefined

interface Pattern {
  elements: Element[]
  /** Before which elements anything may stand; `elements.length` is the end. */
  gaps: Set<number>
}

export function compileGlob(pattern: string): Glob {
  const elements: Element[] = []
  const gaps = new Set<number>()
  for (const char of fold(pattern)) {
    if (char === '*') gaps.add(elements.length)
    else elements.push(char === '?' ? undefined : char)
  }
  return compile({ elements, gaps })
}

/** A pattern whose characters all stand for themselves. */
export function compileLiteral(text: string): Glob {
  return compile({ elements: [...fold(text)], gaps: new Set() })
}

const fold = (text: string) => text.toLowerCase()

function compile(pattern: Pattern): Glob {
  const part = longestPart(pattern)
  const steps = new Steps(pattern)
  const search = (find: (steps: Steps, text: string) => boolean) => (text: string) => {
    const folded = fold(text)
    return folded.includes(part) && find(steps, folded)
  }
  return { matches: search(matchesWhole), matchesWords: search(findsWords) }
}

/** The longest text that every match contains: cheap to look for first. */
function longestPart({ elements, gaps }: Pattern): string {
  let longest = ''
  let part = ''
  elements.forEach((element, index) => {
    part = element === undefined ? '' : (gaps.has(index) ? '' : part) + element
    if (part.length > longest.length) longest = part
  })
  return longest
}

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
