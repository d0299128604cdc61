import { redirect } from '@sveltejs/kit'
import { signInFor } from '#lib/account/wanted.ts'
import { session } from '#lib/session.svelte.ts'

/** All in here needs somebody who is signed in. */
export async function load({ url, untrack }) {
  await session.known
  if (!session.isSignedIn)
    redirect(
      307,
      untrack(() => signInFor(url)),
    )
}
