import { queryDirectory, queryProfile } from '@kith/spec/api/federation/query'
import { readDirectory, readProfile } from '../../domain/federation/serving/queries.ts'
import { serve } from '../serve.ts'

export const queryRoutes = [
  serve(queryDirectory, async ({ server, query }) => {
    const { roomId, servers } = await readDirectory(server, query.room_alias)
    return { room_id: roomId, servers }
  }),
  serve(queryProfile, ({ server, query }) =>
    readProfile(server, { userId: query.user_id, field: query.field }),
  ),
]
