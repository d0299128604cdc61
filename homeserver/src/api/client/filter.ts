import { defineFilter as defineContract, getFilter } from '@kith/spec/api/filter'
import { forbidden } from '@kith/spec/errors'
import { defineFilter, filterOf } from '../../domain/filters/sync-filter.ts'
import { serve } from '../serve.ts'

const requireSelf = (userId: string, caller: { userId: string }) => {
  if (userId !== caller.userId) throw forbidden('these are not your filters')
}

export const filterRoutes = [
  serve(defineContract, async ({ server, caller, params, body }) => {
    requireSelf(params.userId, caller)
    return { filter_id: await defineFilter(server, caller.user, body) }
  }),
  serve(getFilter, async ({ server, caller, params }) => {
    requireSelf(params.userId, caller)
    return filterOf(server, caller.user, params.filterId)
  }),
]
