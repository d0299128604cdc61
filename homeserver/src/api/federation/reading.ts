import { backfillRoom, getMissingEvents } from '@kith/spec/api/federation/backfill'
import { getEventAuth } from '@kith/spec/api/federation/event-auth'
import { getEvent, getStateAtEvent, getStateIdsAtEvent } from '@kith/spec/api/federation/events'
import { readBackfill, readEvent, readMissing } from '../../domain/federation/serving/read-events.ts'
import { readAuthChain, readState, readStateIds } from '../../domain/federation/serving/read-state.ts'
import { raw } from '../raw.ts'
import { serve } from '../serve.ts'

export const historyRoutes = [
  serve(getEvent, async ({ server, caller, params }) =>
    raw(await readEvent(server, caller.origin, params.eventId)),
  ),
  serve(getStateAtEvent, async ({ server, caller, params, query }) =>
    raw(await readState(server, caller.origin, { ...params, eventId: query.event_id })),
  ),
  serve(getStateIdsAtEvent, ({ server, caller, params, query }) =>
    readStateIds(server, caller.origin, { ...params, eventId: query.event_id }),
  ),
  serve(getEventAuth, async ({ server, caller, params }) =>
    raw(await readAuthChain(server, caller.origin, params)),
  ),
  serve(backfillRoom, async ({ server, caller, params, query }) =>
    raw(await readBackfill(server, caller.origin, { ...params, from: query.v, limit: query.limit })),
  ),
  serve(getMissingEvents, async ({ server, caller, params, body }) => {
    const { earliest_events: earliest, latest_events: latest, limit, min_depth: minDepth } = body
    return raw(await readMissing(server, caller.origin, { ...params, earliest, latest, limit, minDepth }))
  }),
]
