import { redirect } from '@sveltejs/kit'
import { addresses } from '#lib/addresses.ts'
import { session } from '#lib/session.svelte.ts'

/** All in here needs somebody who is signed in. */
export async function load() {
  await session.known
  if (!session.isSignedIn) redirect(307, addresses.login)
}
