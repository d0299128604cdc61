import { makeJoin, sendJoin } from '@kith/spec/api/federation/joins'
import { makeKnock, sendKnock } from '@kith/spec/api/federation/knocks'
import { makeLeave, sendLeave } from '@kith/spec/api/federation/leaving'
import { makeMembership } from '../../domain/federation/serving/make-membership.ts'
import {
  receiveJoin,
  receiveKnock,
  receiveLeave,
} from '../../domain/federation/serving/receive-membership.ts'
import { raw } from '../raw.ts'
import { serve } from '../serve.ts'

/** A server that names no room version knows the first alone. */
const oldestVersion = ['1']

export const enteringRoutes = [
  serve(makeJoin, ({ server, caller, params, query }) => {
    const versions = query.ver ?? oldestVersion
    return makeMembership(server, caller.origin, { ...params, membership: 'join', versions })
  }),
  serve(sendJoin, async ({ server, caller, params, bodyBytes }) =>
    raw(await receiveJoin(server, caller.origin, { ...params, text: bodyBytes })),
  ),
  serve(makeLeave, ({ server, caller, params }) =>
    makeMembership(server, caller.origin, { ...params, membership: 'leave' }),
  ),
  serve(sendLeave, async ({ server, caller, params, bodyBytes }) => {
    await receiveLeave(server, caller.origin, { ...params, text: bodyBytes })
    return {}
  }),
  serve(makeKnock, ({ server, caller, params, query }) =>
    makeMembership(server, caller.origin, { ...params, membership: 'knock', versions: query.ver }),
  ),
  serve(sendKnock, async ({ server, caller, params, bodyBytes }) => ({
    knock_room_state: await receiveKnock(server, caller.origin, { ...params, text: bodyBytes }),
  })),
]
