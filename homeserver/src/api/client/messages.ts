import { getMessages } from '@kith/spec/api/message-pagination'
import { clientEvent } from '../../domain/events/client-event.ts'
import { pageFilter } from '../../domain/filters/sync-filter.ts'
import { messages } from '../../domain/timeline/messages.ts'
import { serve } from '../serve.ts'

export const messagesRoutes = [
  serve(getMessages, async ({ server, caller, params, query }) => {
    const filter = pageFilter(query.filter)
    const page = await messages(server, caller, { ...query, filter, roomId: params.roomId })
    return {
      chunk: page.chunk.map((each) => clientEvent(each)),
      start: page.start,
      ...(page.end === undefined ? {} : { end: page.end }),
      ...(page.state && { state: page.state.map((each) => clientEvent(each)) }),
    }
  }),
]
