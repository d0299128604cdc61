import { getEventContext } from '@kith/spec/api/event-context'
import { clientEvent } from '../../domain/events/client-event.ts'
import { pageFilter } from '../../domain/filters/sync-filter.ts'
import { eventContext } from '../../domain/timeline/context.ts'
import { serve } from '../serve.ts'

export const contextRoutes = [
  serve(getEventContext, async ({ server, caller, params, query }) => {
    const filter = pageFilter(query.filter)
    const found = await eventContext(server, caller, { ...params, limit: query.limit, filter })
    return {
      event: clientEvent(found.event),
      events_before: found.before.map((each) => clientEvent(each)),
      events_after: found.after.map((each) => clientEvent(each)),
      state: found.state.map((each) => clientEvent(each)),
      start: found.start,
      end: found.end,
    }
  }),
]
