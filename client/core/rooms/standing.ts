import type { ClientEvent } from '@kith/spec/api/schemas'
import { isObject } from '@kith/spec/json'
import type { RoomRecord } from '../store/records.ts'
import { changeOf } from '../timeline/body.ts'
import type { Standing } from '../views.ts'
import { personIn } from './people.ts'
import { membershipOf } from './state.ts'

/** How my membership came about, from its event; as before when that tells nothing new. */
export function standingAfter(
  before: RoomRecord | undefined,
  mine: ClientEvent | undefined,
): RoomRecord['standing'] {
  if (!mine) return before?.standing
  const { prev_content: found } = mine.unsigned ?? {}
  const told = isObject(found) && typeof found.membership === 'string' ? found.membership : undefined
  const prior = told ?? before?.membership ?? ''
  const change = changeOf(mine, prior)
  if (change === undefined || prior === membershipOf(mine)) return before?.standing
  const { reason } = mine.content
  return { change, by: mine.sender, ...(typeof reason === 'string' && reason.trim() !== '' && { reason }) }
}

export function shownStanding(room: RoomRecord, me: string): Standing | undefined {
  return (
    room.standing && {
      ...room.standing,
      by: personIn(room, room.standing.by),
      isByMe: room.standing.by === me,
    }
  )
}

/** The event of somebody's membership, the last one among others. */
export function memberEvent(events: readonly ClientEvent[], userId: string): ClientEvent | undefined {
  return events.findLast(({ type, state_key }) => type === 'm.room.member' && state_key === userId)
}
