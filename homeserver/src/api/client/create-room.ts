import { createRoom as creating } from '@kith/spec/api/create-room'
import { createRoom } from '../../domain/rooms/create.ts'
import { serve } from '../serve.ts'

export const createRoomRoutes = [
  serve(creating, async ({ server, caller, body }) => ({ room_id: await createRoom(server, caller, body) })),
]
