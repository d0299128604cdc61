import { redirect } from '@sveltejs/kit'
import { signInFor } from '#lib/account/wanted.ts'
import { language } from '#lib/i18n/language.svelte.ts'
import { session } from '#lib/session.svelte.ts'

const texts = language.loadAll()

/** All in here needs somebody who is signed in. */
export async function load({ url, untrack }) {
  await session.known
  const signIn = untrack(() => signInFor(url))
  if (!session.isSignedIn) redirect(307, signIn)
  await texts
}
