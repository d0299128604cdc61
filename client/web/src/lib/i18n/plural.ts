const english = new Intl.PluralRules('en')

/** Picks the English form for a number; Chinese needs no such thing. */
export function plural(count: number, one: string, other: string): string {
  return english.select(count) === 'one' ? one : other
}
