import { session } from '#lib/session.svelte.ts'

/** Few ever see the form of a locked session. */
export async function load({ parent }) {
  await parent()
  if (session.state.kind !== 'locked') return {}
  return { UnlockForm: (await import('#lib/account/UnlockForm.svelte')).default }
}
