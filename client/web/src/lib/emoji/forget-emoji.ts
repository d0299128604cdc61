/** Call when the account signs out: the picker remembers which emoji one uses most. */
export function forgetEmoji(): void {
  for (const locale of ['en', 'zh']) indexedDB.deleteDatabase(`emoji-picker-element-${locale}`)
}
