/**
 * Whether an error says that what is stored is damaged, or a bug, and not that the database is away: one damaged
 * row spoils its room only (checklist V5), an outage spoils the whole answer.
 */
export function isDamage(error: unknown): boolean {
  if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError) return true
  if (!(error instanceof Error) || 'code' in error) return false
  return error.constructor === Error && !/connection|timeout|terminated/i.test(error.message)
}
