import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { createAuthority } from '../../harness/certificates.ts'
import { createDatabase } from '../../harness/databases.ts'
import { createKith } from '../../harness/kith.ts'
import { type TestServer, temporaryDirectory } from '../../harness/server.ts'
import { presetClock } from './preset-clock.ts'
import { type Seeded, seed, today } from './seed.ts'

/** A seeded server, of which there can be any number of copies: what happens on one is not seen on the next. */
export interface Copies extends AsyncDisposable {
  seeded: Seeded
  /** Starts another copy. */
  start(): Promise<TestServer>
}

const serverName = 'kith.example'

export async function seedOnce(): Promise<Copies> {
  await using building = new AsyncDisposableStack()
  const folder = building.use(await temporaryDirectory('screens')).path
  const database = building.use(await createDatabase('screens'))
  const authority = await createAuthority()
  const clock = await presetClock(folder, today)
  const original = join(folder, 'original')
  const open = (databaseUrl: string, dataDir: string) =>
    createKith({
      authority,
      databaseUrl,
      env: { ...clock.env, KITH_SERVER_NAME: serverName, KITH_DATA_DIR: dataDir },
    })
  await using first = await open(database.url, original)
  await first.start()
  const seeded = await seed(first, clock)
  await first.stop()
  const copies = building.move()
  let made = 0
  return {
    seeded,
    async start() {
      made += 1
      const dataDir = join(folder, `copy${made}`)
      await cp(original, dataDir, { recursive: true })
      const template = new URL(database.url).pathname.slice(1)
      const copy = copies.use(await createDatabase('screens', undefined, template))
      const server = copies.use(await open(copy.url, dataDir))
      await server.start()
      return server
    },
    [Symbol.asyncDispose]: () => copies.disposeAsync(),
  }
}
