import { unrecognized } from '@kith/spec/errors'
import KoaRouter from '@koa/router'
import Koa from 'koa'
import type { Homeserver } from '../domain/homeserver.ts'
import { createMetrics, type Metrics, type RequestRecorder } from '../platform/metrics.ts'
import { createAccessLog } from './access-log.ts'
import { type AuthenticateServer, answerRoute, type Gates } from './answer-route.ts'
import { Call, type Waiting } from './call.ts'
import { originTeller } from './client-address.ts'
import { allowAnyOrigin, answerPreflight } from './cors.ts'
import { RequestAborted } from './errors.ts'
import type { HttpHandler } from './listen.ts'
import { createRateLimiter, type RateLimiter } from './rate-limits.ts'
import { requestIds } from './request-ids.ts'
import { writeAnswer, writeError } from './respond.ts'
import { createRouter, type Router } from './router.ts'
import { checker, type Route } from './serve.ts'

export interface ApiOptions {
  /** Checks the signature of another server's request. */
  authenticateServer: AuthenticateServer
  metrics?: Metrics
  /** Answers what is outside the API: the web client. */
  pages?: Koa.Middleware
  /** Whether every answer is held against its contract, and a wrong one is an error. For tests. */
  checksAnswers?: boolean
}

export interface Api {
  /** The API alone, for other servers. */
  handler: HttpHandler
  /** The API with the pages beside it, for people. */
  clientHandler: HttpHandler
  /** The budget of each caller: what comes over a socket counts against it too. */
  limit: RateLimiter
  /** Makes long polls answer now, those that come from now on too, for a clean stop. */
  endWaiting(): void
}

interface Entry {
  route: Route
  record: RequestRecorder
  checkAnswer: ((answer: unknown) => unknown) | undefined
}

/** What the middleware of one request knows. */
interface RequestState {
  requestId: string
  entry?: Entry
}

/** Everything that is under a contract. */
const areas = ['/_matrix', '/_synapse', '/.well-known/matrix']

/** Joins the routes into one HTTP handler. */
export function createApi(server: Homeserver, routes: readonly Route[], options: ApiOptions): Api {
  const metrics = options.metrics ?? createMetrics()
  const waiting: Waiting = { controllers: new Set(), isEnding: false }
  const table = createRouter(routes.map((route) => toEntry(route, metrics, options.checksAnswers ?? false)))
  const gates = gatesOf(server, options)
  const dispatch = dispatcher(server, table, { waiting, gates })
  const mounted = new KoaRouter<RequestState>()
  for (const area of areas) mounted.all(`${area}{/*path}`, dispatch)
  const surround = frame(server, metrics)
  const handlerOf = (...parts: Koa.Middleware[]) => {
    const app = new Koa<RequestState>()
    for (const part of [surround, mounted.routes(), ...parts]) app.use(part)
    app.on('error', (error) => server.logger.error({ err: error }, 'an answer could not be written'))
    return app.callback()
  }
  return {
    handler: handlerOf(),
    clientHandler: options.pages ? handlerOf(options.pages) : handlerOf(),
    limit: gates.limit,
    endWaiting() {
      waiting.isEnding = true
      for (const controller of waiting.controllers) controller.abort()
    },
  }
}

function gatesOf(server: Homeserver, { authenticateServer }: ApiOptions): Gates {
  const limit = createRateLimiter({ isOn: server.config.rateLimits, now: () => server.clock.now() })
  return { limit, authenticateServer }
}

function toEntry(route: Route, metrics: Metrics, checksAnswers: boolean): Entry {
  const { method, path, returns } = route.contract
  return {
    route,
    record: metrics.requestsOf({ method, route: path }),
    checkAnswer: checksAnswers
      ? checker(returns, (why) => new Error(`the answer of ${method} ${path} breaks its contract: ${why}`))
      : undefined,
  }
}

function dispatcher(
  server: Homeserver,
  table: Router<Entry>,
  { waiting, gates }: { waiting: Waiting; gates: Gates },
): Koa.Middleware<RequestState> {
  const tellOrigin = originTeller(server.config.trustedProxies)
  return async (context) => {
    const { req: request, res: response, state } = context
    allowAnyOrigin(response)
    if (answerPreflight(request, response)) {
      context.body = ''
      return
    }
    const match = table.find(request.method ?? '', request.url ?? '')
    state.entry = match.entry
    const exchange = { request, response, requestId: state.requestId, origin: tellOrigin(request) }
    const circumstances = new Call(server, exchange, waiting)
    const answer = await answerRoute(request, match, { circumstances, gates })
    writeAnswer(context, answer, match.entry.checkAnswer)
  }
}

/** What surrounds every request: its id, its errors, its measures. */
function frame(server: Homeserver, metrics: Metrics): Koa.Middleware<RequestState> {
  const nextId = requestIds()
  const logAccess = createAccessLog(server.logger)
  const recordUnknown = metrics.requestsOf({ method: '', route: 'unknown' })
  return async (context, next) => {
    const started = performance.now()
    const { state } = context
    state.requestId = nextId()
    context.res.setHeader('X-Request-Id', state.requestId)
    metrics.running.inc()
    try {
      await next()
      if (context.body === undefined || context.body === null) throw unrecognized()
    } catch (error) {
      if (!(error instanceof RequestAborted)) writeError(context, error, server.logger)
    } finally {
      metrics.running.dec()
      const durationMs = performance.now() - started
      const { route, record } = state.entry ?? {}
      ;(record ?? recordUnknown)(context.status, durationMs / 1000)
      const { method, path } = route?.contract ?? { method: context.method, path: 'unknown' }
      const line = { requestId: state.requestId, method, route: path, status: context.status, durationMs }
      logAccess(line, route?.contract.rate === 'sync')
    }
  }
}
