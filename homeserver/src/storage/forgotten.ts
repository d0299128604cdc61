import type { KindDefinition } from '../log/kind.ts'
import { sql } from '../platform/database.ts'
import type { RoomNumber, UserNumber } from './interning.ts'
import { kinds } from './kinds.ts'

/** Payload of the kind `forget`. */
export interface ForgetChange {
  room: RoomNumber
  user: UserNumber
}

export const forgetRoom = (room: RoomNumber, user: UserNumber): ForgetChange => ({ room, user })

export const forgetKind: KindDefinition<ForgetChange> = {
  kind: kinds.forget,
  name: 'forget',
  statements: (rows) => [
    sql`
    update members m set forgotten = true
    from unnest(${rows.map(({ payload }) => payload.room)}::bigint[], ${rows.map(({ payload }) => payload.user)}::bigint[])
      as gone(room, user_number)
    where m.room = gone.room and m.user_number = gone.user_number and m.membership in (0, 4)`,
  ],
}
