import type { Database } from '../../platform/database.ts'
import type { Logger } from '../../platform/logger.ts'
import { noteSightings, type Sighting } from '../../storage/devices.ts'

/** A device's last sighting is written at most this often. */
export const sightingIntervalMs = 60_000
const flushIntervalMs = 5_000

/** Gathers when devices were last seen, and writes them down now and then. */
export interface Sightings {
  note(sighting: Sighting): void
  /** Writes what was gathered. */
  flush(): Promise<void>
  stop(): Promise<void>
}

export function gatherSightings({ database, logger }: { database: Database; logger: Logger }): Sightings {
  let gathered = new Map<string, Sighting>()
  const flush = async () => {
    if (gathered.size === 0) return
    const sightings = [...gathered.values()]
    gathered = new Map()
    try {
      await database.transaction((tx) => noteSightings(tx, sightings))
    } catch (error) {
      // They are worth little: the next minute brings newer ones.
      logger.warn({ err: error }, 'could not note when devices were last seen')
    }
  }
  const timer = setInterval(flush, flushIntervalMs)
  timer.unref()
  return {
    note: (sighting) => void gathered.set(`${sighting.user} ${sighting.deviceId}`, sighting),
    flush,
    async stop() {
      clearInterval(timer)
      await flush()
    },
  }
}
