/**
 * A name for each statement text, so that connections prepare it once and plan it seldom.
 *
 * Texts come from `sql` and are few: as many as call sites. Should some caller build texts without end, the
 * later ones stay unnamed rather than fill the memory of every database connection.
 */

const MOST_NAMES = 2000
const names = new Map<string, string>()

export function statementName(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined) return known
  if (names.size >= MOST_NAMES) return undefined
  const name = `kith_${names.size}`
  names.set(text, name)
  return name
}
