import { type Auth, type Endpoint, parseQuery, propertiesOf } from '@kith/spec/api/endpoint'
import { badJson, invalidParam } from '@kith/spec/errors'
import type { Json } from '@kith/spec/json'
import type { JsonLimits } from '@kith/spec/strict-json'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Caller } from '../domain/accounts/caller.ts'
import type { AuthenticatedServer } from '../domain/federation/authentication.ts'
import type { Homeserver } from '../domain/homeserver.ts'
import type { Raw } from './raw.ts'

interface CallerByAuth {
  none: undefined
  user: Caller
  admin: Caller
  optional: Caller | undefined
  server: AuthenticatedServer
}

/** What every handler gets, whatever its contract. */
export interface Circumstances {
  server: Homeserver
  /** The client's address; that which a trusted proxy tells, when there is one. */
  address: string
  /** The Host header. */
  host: string
  /** Whether the client speaks TLS with us or with a trusted proxy. */
  isSecure: boolean
  requestId: string
  /** The body as it came; empty where the contract has none. */
  bodyBytes: Uint8Array
  /** Aborted when the client hangs up or the server stops. */
  readonly signal: AbortSignal
}

/** A request that fits its contract. */
export interface ApiRequest<A extends Auth, P extends TSchema, Q extends TSchema, B extends TSchema>
  extends Circumstances {
  caller: CallerByAuth[A]
  params: Static<P>
  query: Static<Q>
  body: Static<B>
}

/** A request of which only the caller was checked. */
export interface Incoming {
  circumstances: Circumstances
  caller: Caller | AuthenticatedServer | undefined
  params: Record<string, string>
  query: string
  body: Json
}

export interface Route {
  contract: Endpoint
  /** The most bytes of a body that are read. */
  maxBodyBytes: number
  /** Of the body as JSON, where they are not the usual ones. */
  limits: JsonLimits
  /** @throws MatrixError when the request does not fit the contract */
  answer(incoming: Incoming): Promise<unknown>
}

/** An event of 64 KiB may come with its characters escaped. */
const userBodyBytes = 256 * 1024
const serverBodyBytes = 13_000_000

export interface ServeOptions {
  /** 256 KiB for users and 13 MB for servers unless said otherwise. */
  maxBodyBytes?: number
  /** Where a body may have more keys or levels than others. */
  limits?: JsonLimits
}

/** Joins a contract and the function that fulfils it. */
export function serve<
  A extends Auth,
  P extends TSchema,
  Q extends TSchema,
  B extends TSchema,
  R extends TSchema,
>(
  contract: Endpoint<A, P, Q, B, R>,
  handler: (request: ApiRequest<A, P, Q, B>) => Promise<NoInfer<Static<R>> | Raw>,
  options: ServeOptions = {},
): Route {
  const checkParams = checker(contract.params, invalidParam)
  const checkBody = checker(contract.body, badJson)
  const hasQuery = Object.keys(propertiesOf(contract.query)).length > 0
  return {
    contract,
    maxBodyBytes: options.maxBodyBytes ?? (contract.auth === 'server' ? serverBodyBytes : userBodyBytes),
    limits: options.limits ?? {},
    async answer({ circumstances, caller, params, query, body }) {
      const queryValues = hasQuery ? parseQuery(contract.query, new URLSearchParams(query)) : {}
      // Into the object that there is: it belongs to this request, and copying it would read the lazy signal.
      const request = Object.assign(circumstances, {
        caller: caller as CallerByAuth[A],
        params: checkParams(params),
        query: queryValues as Static<Q>,
        body: checkBody(body),
      })
      return handler(request)
    },
  }
}

/** The check of a value against a schema, compiled when it is first needed. */
export function checker<S extends TSchema>(schema: S, refuse: (why: string) => Error) {
  let validator: ReturnType<typeof Compile<S>> | undefined
  return (value: unknown): Static<S> => {
    validator ??= Compile(schema)
    if (validator.Check(value)) return value as Static<S>
    const [first] = validator.Errors(value)
    throw refuse(`${first?.instancePath || 'The value'} ${first?.message ?? 'is malformed'}`)
  }
}
