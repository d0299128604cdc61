import {
  getAccountData,
  getRoomAccountData,
  setAccountData as setContract,
  setRoomAccountData,
} from '@kith/spec/api/account-data'
import { forbidden } from '@kith/spec/errors'
import { accountData, setAccountData } from '../../domain/account-data/account-data.ts'
import { serve } from '../serve.ts'

const requireSelf = (userId: string, caller: { userId: string }) => {
  if (userId !== caller.userId) throw forbidden('this is not your account data')
}

export const accountDataRoutes = [
  serve(getAccountData, async ({ server, caller, params }) => {
    requireSelf(params.userId, caller)
    return accountData(server, caller, { type: params.type })
  }),
  serve(setContract, async ({ server, caller, params, body }) => {
    requireSelf(params.userId, caller)
    await setAccountData(server, caller, { type: params.type, content: body })
    return {}
  }),
  serve(getRoomAccountData, async ({ server, caller, params }) => {
    requireSelf(params.userId, caller)
    return accountData(server, caller, { roomId: params.roomId, type: params.type })
  }),
  serve(setRoomAccountData, async ({ server, caller, params, body }) => {
    requireSelf(params.userId, caller)
    await setAccountData(server, caller, { roomId: params.roomId, type: params.type, content: body })
    return {}
  }),
]
