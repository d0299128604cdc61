import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ruleNumber } from '@kith/spec/rooms/auth/verdict'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'

interface Vector {
  rule: string
  fails?: string
  allowed: boolean
  versions: string[]
  state: { create?: unknown }
}

const folder = join(import.meta.dirname, '../../spec/vectors/auth')
const groups = ['create', 'room', 'membership', 'power-levels']
const vectors = groups.flatMap((group): Vector[] =>
  JSON.parse(readFileSync(join(folder, `${group}.json`), 'utf8')),
)

/** The numbers of the rules by which an event of this room version can be refused, as the vectors have them. */
export function refusingRules(rules: RoomVersionRules): string[] {
  const refused = vectors.filter(
    ({ allowed, versions, state }) => !allowed && state.create !== null && versions.includes(rules.version),
  )
  const numbers = refused.map(({ rule, fails = rule }) =>
    fails.startsWith('1.') ? fails : ruleNumber(fails, rules),
  )
  return [...new Set(numbers)]
}
