import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')
const web = join(root, 'client/web')

/** Builds the client when its sources are newer than what was built. */
export async function buildClient(): Promise<void> {
  const built = statSync(join(web, 'build/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const sources = ['client/web/src', 'client/core', 'spec/src'].map((folder) => join(root, folder))
  if (Math.max(...sources.map(newest)) <= built) return
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const { status, stderr } = spawnSync(process.execPath, [vite, 'build'], { cwd: web, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the client could not be built:\n${stderr}`)
}

function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return Math.max(...files.map((file) => statSync(join(folder, file)).mtimeMs))
}
