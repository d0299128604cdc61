import { sendMessage } from '@kith/spec/api/room-send'
import type { JsonObject } from '@kith/spec/json'
import { sendEvent } from '../../domain/rooms/send.ts'
import { serve } from '../serve.ts'

export const roomSendRoutes = [
  serve(sendMessage, async ({ server, caller, params, query, body }) => {
    const content = body as JsonObject
    const event_id = await sendEvent(server, caller, {
      roomId: params.roomId,
      type: params.eventType,
      content,
      transactionId: params.txnId,
      timestampMs: caller.appservice ? query.ts : undefined,
      redacts: typeof content.redacts === 'string' ? content.redacts : undefined,
    })
    return { event_id }
  }),
]
