import { redactEvent } from '@kith/spec/api/redaction'
import { redact } from '../../domain/rooms/redact.ts'
import { serve } from '../serve.ts'

export const redactionRoutes = [
  serve(redactEvent, async ({ server, caller, params, body }) => {
    const { roomId, eventId, txnId: transactionId } = params
    return { event_id: await redact(server, caller, { roomId, eventId, transactionId, reason: body.reason }) }
  }),
]
