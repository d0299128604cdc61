import { execFile } from 'node:child_process'
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Logger } from '../logger.ts'
import { StartError } from '../start-error.ts'
import type { Binaries } from './binaries.ts'
import { noNamespaceHint, unprivileged } from './unprivileged.ts'

const run = promisify(execFile)

/**
 * The folder of the database cluster inside the data folder, made if it is absent. It is made under another name
 * and renamed when complete, so that neither a kill nor a second start at the same time leaves half of one.
 *
 * @throws StartError when it was made by another major version or belongs to another user
 */
export async function openDataDirectory(
  dataDir: string,
  binaries: Binaries,
  logger: Logger,
): Promise<string> {
  makeFolder(dataDir)
  const directory = join(realpathSync(dataDir), 'postgres')
  if (!statSync(directory, { throwIfNoEntry: false })) {
    logger.info({ directory }, 'creating the database')
    await create(directory, binaries)
  }
  check(directory, binaries)
  return directory
}

function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new StartError(`cannot use the data folder ${dataDir}: ${(error as NodeJS.ErrnoException).code}`)
  }
}

async function create(directory: string, { initdb }: Binaries): Promise<void> {
  const made = mkdtempSync(`${directory}.new-`)
  const command = unprivileged(initdb, [
    `--pgdata=${made}`,
    '--username=kith',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--locale=C.UTF-8',
    '--no-instructions',
  ])
  try {
    await run(command.file, command.args)
    renameSync(made, directory)
  } catch (error) {
    rmSync(made, { recursive: true, force: true })
    if (statSync(directory, { throwIfNoEntry: false })) return
    throw new StartError(`cannot create the database in ${directory}: ${reasonOf(error)}`)
  }
}

function reasonOf(error: unknown): string {
  const { stderr = '', message = String(error) } = error as { stderr?: string; message?: string }
  if (/unshare/.test(stderr || message)) return noNamespaceHint
  return (stderr || message).trim().split('\n').at(-1) ?? ''
}

function check(directory: string, { major }: Binaries): void {
  const owner = statSync(directory).uid
  if (owner !== process.getuid?.()) {
    throw new StartError(`the database in ${directory} belongs to user id ${owner}: start Kith as that user`)
  }
  const made = readFileSync(join(directory, 'PG_VERSION'), 'utf8').trim()
  if (made !== major) {
    throw new StartError(
      `the database in ${directory} was made by PostgreSQL ${made}, and this Kith brings ${major}: use the release that made it`,
    )
  }
}
