import { setTyping as setTypingContract } from '@kith/spec/api/typing'
import { forbidden } from '@kith/spec/errors'
import { setTyping } from '../../domain/typing/set-typing.ts'
import { serve } from '../serve.ts'

export const typingRoutes = [
  serve(setTypingContract, async ({ server, caller, params, body }) => {
    if (params.userId !== caller.userId) throw forbidden('you can only say of yourself that you type')
    await setTyping(server, caller, { roomId: params.roomId, typing: body.typing, timeoutMs: body.timeout })
    return {}
  }),
]
