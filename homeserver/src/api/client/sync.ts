import { sync as syncContract } from '@kith/spec/api/sync'
import { namedFilter } from '../../domain/filters/sync-filter.ts'
import { sync } from '../../domain/sync/sync.ts'
import { readSyncToken } from '../../domain/sync/tokens.ts'
import { raw } from '../raw.ts'
import { serve } from '../serve.ts'

export const syncRoutes = [
  serve(syncContract, async ({ server, caller, query, signal }) => {
    const isUnstable = query['org.matrix.msc4222.use_state_after'] ?? false
    const { body } = await sync(server, caller, {
      since: query.since === undefined ? undefined : await readSyncToken(server.log.tail, query.since),
      filter: await namedFilter(server, caller.user, query.filter),
      fullState: query.full_state ?? false,
      stateAfter: query.use_state_after ? 'stable' : isUnstable ? 'unstable' : 'no',
      timeoutMs: query.timeout ?? 0,
      signal,
    })
    return raw(body)
  }),
]
