import { startEmbeddedPostgres } from '@kith/homeserver/platform/embedded-postgres'
import { openLogger } from '@kith/homeserver/platform/logger'
import { temporaryDirectory } from '../harness/server.ts'

/** An empty PostgreSQL of its own. @returns its address; `resources` ends it */
export async function startPostgres(resources: AsyncDisposableStack): Promise<string> {
  const directory = resources.use(await temporaryDirectory('bench'))
  const postgres = await startEmbeddedPostgres({ dataDir: directory.path, logger: openLogger('warn') })
  resources.defer(() => postgres.stop())
  return postgres.url
}
