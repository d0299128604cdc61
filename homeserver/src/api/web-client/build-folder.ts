import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { StartError } from '../../platform/start-error.ts'
import type { Encoding } from './accept-encoding.ts'
import { mediaTypeOf } from './media-types.ts'

export interface Packed {
  bytes: Buffer
  /** Strong, quoted as on the wire. */
  etag: string
}

/** A file of the build, with its precompressed forms. */
export interface BuiltFile {
  type: string
  forms: Map<Encoding, Packed>
}

/** By path from the folder, with slashes between and before: `/_app/version.json`. */
export type BuiltFiles = ReadonlyMap<string, BuiltFile>

/** Far above any build of ours: a wrong folder must not fill the memory. */
const maxTotalBytes = 32 * 1024 * 1024

const packedEndings: [ending: string, encoding: Encoding][] = [
  ['.br', 'br'],
  ['.gz', 'gzip'],
]

/**
 * Reads a build of the web client whole. Names that begin with a dot are not part of it.
 *
 * @returns undefined when the folder or its index.html is missing
 * @throws StartError when the folder is too large
 */
export async function readBuild(folder: string): Promise<BuiltFiles | undefined> {
  const files = new Map<string, BuiltFile>()
  let left = maxTotalBytes
  for (const path of await pathsIn(folder)) {
    const bytes = await readFile(join(folder, path))
    left -= bytes.length
    if (left < 0)
      throw new StartError(`${folder} holds over ${maxTotalBytes} bytes: it is no build of the web client`)
    addForm(files, `/${path.replaceAll(sep, '/')}`, bytes)
  }
  // A packed form whose file is gone is of no use.
  for (const [path, { forms }] of files) if (!forms.has('identity')) files.delete(path)
  return files.has('/index.html') ? files : undefined
}

async function pathsIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .filter((path) => !path.split(sep).some((name) => name.startsWith('.')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

function addForm(files: Map<string, BuiltFile>, path: string, bytes: Buffer): void {
  const [ending, encoding] = packedEndings.find(([end]) => path.endsWith(end)) ?? ['', 'identity' as const]
  const plainPath = path.slice(0, path.length - ending.length)
  const file = files.get(plainPath) ?? { type: mediaTypeOf(plainPath), forms: new Map() }
  file.forms.set(encoding, { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url')}"` })
  files.set(plainPath, file)
}
