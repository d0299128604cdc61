/** How the bytes of a file may be packed, the smallest first. */
export const encodings = ['br', 'gzip', 'identity'] as const
export type Encoding = (typeof encodings)[number]

/** Of unpacked bytes that nobody asked for: they are welcome unless refused, but behind all else. */
const leastWeight = 0.0001
const weightPattern = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i

/**
 * The one among these that the header likes best, the smallest of equals. `identity` where it likes none: better an
 * answer than none.
 *
 * Source: RFC 9110, section 12.5.3.
 */
export function chooseEncoding(header: string | undefined, offered: readonly Encoding[]): Encoding {
  const weights = parseWeights(header ?? '')
  const weigh = (encoding: Encoding) =>
    weights.get(encoding) ?? (encoding === 'identity' ? leastWeight : (weights.get('*') ?? 0))
  const [best = 'identity'] = encodings
    .filter((encoding) => offered.includes(encoding) && weigh(encoding) > 0)
    .toSorted((one, other) => weigh(other) - weigh(one))
  return best
}

/** By lower-case name. What is malformed is left out. */
function parseWeights(header: string): Map<string, number> {
  const weights = new Map<string, number>()
  for (const part of header.toLowerCase().split(',')) {
    const [name = '', parameter] = part.split(';').map((text) => text.trim())
    const weight = parameter === undefined ? '1' : weightPattern.exec(parameter)?.[1]
    if (name !== '' && weight !== undefined) weights.set(name.replace(/^x-gzip$/, 'gzip'), Number(weight))
  }
  return weights
}
