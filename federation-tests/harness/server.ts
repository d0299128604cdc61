import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Certificate, TestAuthority } from './certificates.ts'

export type ServerKind = 'kith' | 'synapse'

/** A homeserver under test, whatever program it is. */
export interface TestServer extends AsyncDisposable {
  readonly kind: ServerKind
  /** The domain in user ids, `host:port` of its federation listener. */
  readonly name: string
  /** Where the client API answers, without a slash at the end. */
  readonly url: string
  readonly logFile: string
  readonly pid: number | undefined
  /** Starts it, or starts it again on the same data. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Kills it with SIGKILL. */
  kill(): Promise<void>
  signal(signal: NodeJS.Signals): void
}

export interface ServerOptions {
  authority: Pick<TestAuthority, 'cert' | 'issue'>
  /** The address it listens on and is named after; `localhost`, which is 127.0.0.1, by default. */
  host?: string
  /** What it shows to other servers; by default one that the authority issues for `host`. */
  certificate?: Certificate
  /** A PostgreSQL database of its own. */
  databaseUrl?: string
}

/** The registration secret every server under test has. */
export const registrationSecret = 'secret of the tests'

export function listenAddress(host: string): string {
  return host === 'localhost' ? '127.0.0.1' : host
}

/** Makes a directory that only lives as long as a test. Kept when KITH_TEST_KEEP is set, to look at the logs. */
export async function temporaryDirectory(label: string): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), `kith-test-${label}-`))
  return {
    path,
    async [Symbol.asyncDispose]() {
      if (process.env.KITH_TEST_KEEP) console.error(`kept ${path}`)
      else await rm(path, { recursive: true, force: true })
    },
  }
}

/** Whether the client API of a server answers. */
export async function answersVersions(url: string): Promise<boolean> {
  const response = await fetch(`${url}/_matrix/client/versions`, { signal: AbortSignal.timeout(2000) })
  await response.arrayBuffer()
  return response.ok
}

/** Whether somebody listens at this port. */
export async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
