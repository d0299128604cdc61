/** What a page has of an account goes when the account signs out: whoever keeps something says here how to forget it. */
const forgetting = new Set<() => void>()

export function onSignOut(forget: () => void): void {
  forgetting.add(forget)
}

export function forgetAccount(): void {
  for (const forget of forgetting) forget()
}
