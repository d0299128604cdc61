import { setReadMarkers } from '@kith/spec/api/read-markers'
import { postReceipt } from '@kith/spec/api/receipts'
import { setReceipt } from '../../domain/receipts/set-receipt.ts'
import { serve } from '../serve.ts'

const markers = ['m.fully_read', 'm.read', 'm.read.private'] as const

export const receiptRoutes = [
  serve(postReceipt, async ({ server, caller, params, body }) => {
    const { roomId, receiptType: type, eventId } = params
    await setReceipt(server, caller, { roomId, type, eventId, threadId: body.thread_id })
    return {}
  }),
  serve(setReadMarkers, async ({ server, caller, params, body }) => {
    const { roomId } = params
    await Promise.all(
      markers.map(async (type) => {
        const eventId = body[type]
        if (eventId !== undefined) await setReceipt(server, caller, { roomId, type, eventId })
      }),
    )
    return {}
  }),
]
