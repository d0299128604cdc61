import { setRoomState } from '@kith/spec/api/room-state'
import { getRoomState, getRoomStateEvent } from '@kith/spec/api/rooms'
import type { JsonObject } from '@kith/spec/json'
import { clientEvent } from '../../domain/events/client-event.ts'
import type { Homeserver } from '../../domain/homeserver.ts'
import { readState, readStateEvent } from '../../domain/rooms/read-state.ts'
import { setState } from '../../domain/rooms/set-state.ts'
import type { StoredEvent } from '../../storage/stored-event.ts'
import { serve } from '../serve.ts'

const shown = ({ clock }: Homeserver, event: StoredEvent) =>
  clientEvent({ event, unsigned: { age: Math.max(0, clock.now() - event.pdu.origin_server_ts) } })

export const roomStateRoutes = [
  serve(setRoomState, async ({ server, caller, params, query, body }) => {
    const event_id = await setState(server, caller, {
      roomId: params.roomId,
      type: params.eventType,
      stateKey: params.stateKey,
      content: body as JsonObject,
      timestampMs: caller.appservice ? query.ts : undefined,
    })
    return { event_id }
  }),
  serve(getRoomState, async ({ server, caller, params }) => {
    const events = await readState(server, caller, params.roomId)
    return events.map((event) => shown(server, event))
  }),
  serve(getRoomStateEvent, async ({ server, caller, params, query }) => {
    const { roomId, eventType: type, stateKey } = params
    const event = await readStateEvent(server, caller, { roomId, type, stateKey })
    return query.format === 'event' ? shown(server, event) : event.pdu.content
  }),
]
