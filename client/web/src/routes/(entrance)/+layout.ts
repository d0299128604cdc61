import { redirect } from '@sveltejs/kit'
import { chosenServer } from '#lib/account/chosen-server.svelte.ts'
import { wantedOf } from '#lib/account/wanted.ts'
import { addresses } from '#lib/addresses.ts'
import { session } from '#lib/session.svelte.ts'

/** Whoever is signed in goes on. */
export async function load({ url, untrack }) {
  await session.known
  if (session.isSignedIn)
    redirect(
      307,
      untrack(() => wantedOf(url)),
    )
  if (session.state.kind === 'locked' && url.pathname === addresses.register) redirect(307, addresses.login)
  void chosenServer.start()
}
