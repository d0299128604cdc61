/** Requests that come over a socket: answered by the routes that answer them over HTTP. */
import { postReceipt } from '@kith/spec/api/receipts'
import { sendMessage } from '@kith/spec/api/room-send'
import { setTyping } from '@kith/spec/api/typing'
import { invalidParam, unrecognized } from '@kith/spec/errors'
import type { Json, JsonObject } from '@kith/spec/json'
import { parseJson } from '@kith/spec/strict-json'
import type { Caller } from '../../domain/accounts/caller.ts'
import { receiptRoutes } from '../client/receipts.ts'
import { roomSendRoutes } from '../client/room-send.ts'
import { typingRoutes } from '../client/typing.ts'
import type { RateLimiter } from '../rate-limits.ts'
import type { Circumstances, Route } from '../serve.ts'
import type { ClientFrame } from './frames.ts'

/** The members of a request that stand in the path over HTTP, and those of the body. */
interface Method {
  route: Route
  params: Record<string, string>
  body(members: JsonObject): Json
}

const some =
  (...names: string[]) =>
  (members: JsonObject): JsonObject =>
    Object.fromEntries(names.flatMap((name) => (name in members ? [[name, members[name] as Json]] : [])))

const methods = new Map<string, Method>([
  [
    'send',
    {
      route: routeOf(roomSendRoutes, sendMessage.path),
      params: { roomId: 'room_id', eventType: 'event_type', txnId: 'txn_id' },
      body: ({ content }) => content ?? null,
    },
  ],
  [
    'typing',
    {
      route: routeOf(typingRoutes, setTyping.path),
      params: { roomId: 'room_id' },
      body: some('typing', 'timeout'),
    },
  ],
  [
    'receipt',
    {
      route: routeOf(receiptRoutes, postReceipt.path),
      params: { roomId: 'room_id', receiptType: 'receipt_type', eventId: 'event_id' },
      body: some('thread_id'),
    },
  ],
])

function routeOf(routes: readonly Route[], path: string): Route {
  const route = routes.find(({ contract }) => contract.path === path)
  if (!route) throw new Error(`no route for ${path}`)
  return route
}

export interface RequestGates {
  authenticate(contract: Route['contract']): Promise<Caller>
  limit: RateLimiter
}

/** @throws what the route throws over HTTP; MatrixError M_UNRECOGNIZED for another method */
export async function answerRequest(
  { members, text }: ClientFrame,
  { authenticate, limit }: RequestGates,
  circumstances: Circumstances,
): Promise<Json> {
  const method = methods.get(String(members.method))
  if (!method) throw unrecognized()
  const { contract } = method.route
  const caller = await authenticate(contract)
  limit({ rate: contract.rate, auth: contract.auth, caller, address: circumstances.address })
  if (contract.json === 'canonical') parseJson(text, 'canonical')
  const params: Record<string, string> = { userId: caller.userId }
  for (const [param, name] of Object.entries(method.params)) params[param] = pathPart(members, name)
  const answer = await method.route.answer({
    circumstances,
    caller,
    params,
    query: '',
    body: method.body(members),
  })
  return answer as Json
}

/** Over HTTP, a part of the path that is empty would be another path. */
function pathPart(members: JsonObject, name: string): string {
  const value = members[name]
  if (typeof value !== 'string' || value === '') throw invalidParam(`${name} must be a text`)
  return value
}
