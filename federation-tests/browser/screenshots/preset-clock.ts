import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestServer } from '../../harness/server.ts'
import { until } from '../harness/until.ts'

/** A clock that stands still where it was set, for a server whose screens are the same every time. */
export interface PresetClock {
  /** What the server's environment needs. */
  env: Record<string, string>
  set(server: TestServer, time: Date): Promise<void>
}

export async function presetClock(folder: string, time: Date): Promise<PresetClock> {
  const file = join(folder, 'time')
  await writeFile(file, String(time.getTime()))
  const preload = join(import.meta.dirname, 'preset-time.mjs')
  return {
    env: { PRESET_TIME_FILE: file, NODE_OPTIONS: `--import=${preload}` },
    async set(server, next) {
      const text = String(next.getTime())
      await writeFile(file, text)
      server.signal('SIGUSR2')
      await until(async () => (await readFile(`${file}.taken`, 'utf8')) === text, 'the server has the time')
    },
  }
}
