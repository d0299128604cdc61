import { startEmbeddedPostgres } from '@kith/homeserver/platform/embedded-postgres'
import { openLogger } from '@kith/homeserver/platform/logger'
import { temporaryDirectory } from './server.ts'

/** For what runs outside `npm test`: makes sure that KITH_TEST_DATABASE_URL names a PostgreSQL, a throw-away one if need be. */
export async function needDatabaseServer(): Promise<AsyncDisposable> {
  await using building = new AsyncDisposableStack()
  if (!process.env.KITH_TEST_DATABASE_URL) {
    const { path } = building.use(await temporaryDirectory('postgres'))
    const server = await startEmbeddedPostgres({ dataDir: path, logger: openLogger('warn') })
    building.defer(() => server.stop())
    process.env.KITH_TEST_DATABASE_URL = server.url
  }
  return building.move()
}
