import assert from 'node:assert/strict'

/** Checks that two lists hold the same, in any order and each once; says only what differs. */
export function sameItems(what: string, seen: readonly string[], wanted: readonly string[]): void {
  const [seenSet, wantedSet] = [new Set(seen), new Set(wanted)]
  const doubled = seen.filter((item, index) => seen.indexOf(item) !== index)
  const missing = [...wantedSet.difference(seenSet)]
  const surplus = [...seenSet.difference(wantedSet)]
  if (doubled.length + missing.length + surplus.length === 0) return
  assert.fail(`${what}: missing ${list(missing)}, surplus ${list(surplus)}, doubled ${list(doubled)}`)
}

/** Checks that two lists are equal; says where they part. */
export function sameSequence(what: string, seen: readonly string[], wanted: readonly string[]): void {
  sameItems(what, seen, wanted)
  const at = seen.findIndex((item, index) => item !== wanted[index])
  if (at < 0) return
  assert.fail(
    `${what}: in another order from ${at} on: ${list(seen.slice(at))}, not ${list(wanted.slice(at))}`,
  )
}

function list(items: readonly string[]): string {
  const shown = items.slice(0, 8).join(' ')
  return `[${items.length > 8 ? `${shown} and ${items.length - 8} more` : shown}]`
}
