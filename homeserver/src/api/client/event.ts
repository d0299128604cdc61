import { getRoomEvent } from '@kith/spec/api/rooms'
import { clientEvent } from '../../domain/events/client-event.ts'
import { visibleEvent } from '../../domain/timeline/event.ts'
import { serve } from '../serve.ts'

export const eventRoutes = [
  serve(getRoomEvent, async ({ server, caller, params }) =>
    clientEvent(await visibleEvent(server, caller, params)),
  ),
]
