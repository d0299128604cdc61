import type { RoomVersionRules } from './room-version.ts'

/** What of a room version decides how its power levels are read. */
export type LevelRules = Pick<
  RoomVersionRules,
  'integerPowerLevels' | 'creatorInContent' | 'privilegedCreators'
>

/**
 * These switches of a version without the whole table, which is much for a browser that needs no other; a test holds the
 * two against each other. A version that is not known is likely newer.
 */
export function levelRules(version: string): LevelRules {
  return {
    integerPowerLevels: !/^[1-9]$/.test(version),
    creatorInContent: /^([1-9]|10|org\.matrix\.msc3757\.10)$/.test(version),
    privilegedCreators: !/^([1-9]|1[01]|org\.matrix\.msc3757\.10)$/.test(version),
  }
}
