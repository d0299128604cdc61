import { isEntrance, signInFor } from '#lib/account/wanted.ts'
import { session } from '#lib/session.svelte.ts'

/** Whoever has to sign in gets there without what is inside being fetched first. */
export async function init() {
  if (session.wasSignedIn || isEntrance(location.pathname)) return
  await session.known
  if (!session.isSignedIn) history.replaceState(history.state, '', signInFor(location))
}
