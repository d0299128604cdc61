import type { Engine } from './engine.ts'
import { CommandError } from './errors.ts'
import type { SignedIn } from './signed-in.ts'

/**
 * Fetches what is needed while somebody is signed in. Whoever is not needs much less of the core.
 *
 * @throws CommandError `offline`
 */
export async function loadSignedIn(engine: Engine): Promise<SignedIn> {
  const { signedIn } = await import('./signed-in.ts').catch((error: unknown) => {
    throw new CommandError('offline', String(error))
  })
  engine.signedIn ??= signedIn(engine)
  return engine.signedIn
}
