import { getJoinedRooms } from '@kith/spec/api/list-joined-rooms'
import { memberRowsOfUser } from '../../storage/members.ts'
import { serve } from '../serve.ts'

export const joinedRoomsRoutes = [
  serve(getJoinedRooms, async ({ server, caller }) => {
    const rows = await memberRowsOfUser(server.database, caller.user)
    const joined = rows.filter((row) => row.membership === 'join').map((row) => row.room)
    const names = await server.interning.rooms.names(server.database, joined)
    return { joined_rooms: [...names.values()] }
  }),
]
