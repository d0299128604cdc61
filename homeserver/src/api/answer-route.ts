import type { IncomingMessage } from 'node:http'
import { unauthorized } from '@kith/spec/errors'
import type { AuthenticatedServer, IncomingRequest } from '../domain/federation/authentication.ts'
import { authenticateUser } from './auth.ts'
import { parseBody, readBody } from './body.ts'
import type { RateLimiter } from './rate-limits.ts'
import type { Match } from './router.ts'
import type { Circumstances, Incoming, Route } from './serve.ts'

/** @throws MatrixError M_UNAUTHORIZED */
export type AuthenticateServer = (request: IncomingRequest) => Promise<AuthenticatedServer>

export interface Gates {
  limit: RateLimiter
  authenticateServer: AuthenticateServer
}

/** Checks who calls, how often, and with what; then lets the handler answer. */
export async function answerRoute(
  request: IncomingMessage,
  { entry: { route }, params, query }: Match<{ route: Route }>,
  { circumstances, gates }: { circumstances: Circumstances; gates: Gates },
): Promise<unknown> {
  const { server, address } = circumstances
  const { contract } = route
  const incoming: Incoming = { circumstances, caller: undefined, params, query, body: {} }
  if (contract.auth === 'server') {
    await takeSigned(request, route, { incoming, gates })
    gates.limit({ rate: contract.rate, auth: 'server', caller: incoming.caller, address })
    return route.answer(incoming)
  }
  if (contract.auth !== 'none') {
    const { authorization } = request.headers
    incoming.caller = await authenticateUser(server, contract, { authorization, query, address })
  }
  gates.limit({ rate: contract.rate, auth: contract.auth, caller: incoming.caller, address })
  if (contract.bodyUse !== 'none') {
    circumstances.bodyBytes = await readBody(request, route.maxBodyBytes)
    incoming.body = parseBody(contract, circumstances.bodyBytes, route.limits)
  }
  return route.answer(incoming)
}

/** Takes a request whose signature covers the body: that has to be read first. */
async function takeSigned(
  request: IncomingMessage,
  { contract, maxBodyBytes, limits }: Route,
  { incoming, gates }: { incoming: Incoming; gates: Gates },
): Promise<void> {
  const { circumstances } = incoming
  const authorization = request.headersDistinct.authorization ?? []
  if (!authorization.some((header) => /^X-Matrix\s/i.test(header)))
    throw unauthorized('The request is not signed')
  const bytes = await readBody(request, maxBodyBytes)
  circumstances.bodyBytes = bytes
  const hasContent = contract.bodyUse === 'required' || bytes.length > 0
  const body = hasContent ? parseBody({ ...contract, bodyUse: 'required' }, bytes, limits) : undefined
  incoming.caller = await gates.authenticateServer({
    method: request.method ?? '',
    path: request.url ?? '',
    authorization,
    body,
    // Parsed above: it is UTF-8.
    text: hasContent ? bytes.toString() : undefined,
  })
  incoming.body = contract.bodyUse === 'none' ? {} : (body ?? {})
}
