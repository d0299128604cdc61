import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What PostgreSQL's main process writes about itself into its data directory. */
export interface Postmaster {
  pid: number
  socketDir: string
  isReady: boolean
}

const fileIn = (directory: string) => join(directory, 'postmaster.pid')

/**
 * The number is 0 when the file is still empty.
 *
 * Lines: pid, data directory, start time, port, socket folder, listen address, shared memory, status.
 */
export function readPostmaster(directory: string): Postmaster | undefined {
  let lines: string[]
  try {
    lines = readFileSync(fileIn(directory), 'utf8').split('\n')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const pid = Number(lines[0])
  return { pid, socketDir: lines[4] ?? '', isReady: lines[7]?.trim() === 'ready' }
}

/**
 * Whether the process that wrote the file lives. After a restart of the machine or container its number may be
 * somebody else's, so its working folder must be the data directory too; a zombie has none.
 */
export function isAlive(pid: number, directory: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === directory
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(
      directory,
    )
  } catch {
    return false
  }
}

/**
 * Makes a file left by a dead process harmless. PostgreSQL would refuse to start when the number in it is a
 * living stranger's; it takes its own parent's for a leftover. The rest of the file stays, because it names the
 * shared memory that must be unused. An empty file is what a power cut leaves.
 */
export function disarm(directory: string): void {
  try {
    const text = readFileSync(fileIn(directory), 'utf8')
    if (text.trim() === '') rmSync(fileIn(directory))
    else writeFileSync(fileIn(directory), text.replace(/^.*/, String(process.pid)))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
