import { type RoomVersionRules, roomVersions } from './room-version.ts'

export const allRules: readonly RoomVersionRules[] = [...roomVersions.values()]

/** What a group of vectors says of the room versions it holds for. */
export interface Held {
  /** From and to, such as `6-9`. An unstable version counts as the one that it is based on. */
  versions: string
  /** Holds only where the switch of this name is so. */
  ownedState?: boolean
}

export function holdsFor({ versions, ownedState }: Held, rules: RoomVersionRules): boolean {
  const [from, to = from] = versions.split('-').map(Number)
  const version = Number(rules.version.split('.').at(-1))
  if (ownedState !== undefined && ownedState !== rules.ownedState) return false
  return version >= Number(from) && version <= Number(to)
}
