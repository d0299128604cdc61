import { redactEvent } from '@kith/spec/api/redaction'
import { sendEvent } from '../../domain/rooms/send.ts'
import { serve } from '../serve.ts'

export const redactionRoutes = [
  serve(redactEvent, async ({ server, caller, params, body }) => {
    const event_id = await sendEvent(server, caller, {
      roomId: params.roomId,
      type: 'm.room.redaction',
      content: body.reason === undefined ? {} : { reason: body.reason },
      redacts: params.eventId,
      transactionId: params.txnId,
    })
    return { event_id }
  }),
]
