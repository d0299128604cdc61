import type { Static, TObject, TProperties, TSchema } from 'typebox'
import Type from 'typebox'
import { Check } from 'typebox/value'
import { invalidParam, missingParam } from '../errors.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Who may call: anybody; a signed-in user; either; an administrator of the server; another server. */
export type Auth = 'none' | 'user' | 'optional' | 'admin' | 'server'

/** What a call counts against. `none` is never limited. */
export type RateClass =
  | 'none'
  | 'read'
  | 'write'
  | 'send'
  | 'sync'
  | 'login'
  | 'register'
  | 'join'
  | 'invite'
  | 'create'
  | 'directory'
  | 'typing'
  | 'receipt'
  | 'federation'

/**
 * `required`: an empty body is M_NOT_JSON. `optional`: an empty body is read as `{}`. `none`: the body is not looked at.
 */
export type BodyUse = 'required' | 'optional' | 'none'

/** How strictly a body is parsed: `canonical` where it becomes part of an event or of anything signed. */
export type JsonMode = 'canonical' | 'plain'

type None = TObject<Record<never, never>>

/** What a contract says; the rest of `Endpoint` follows from it. */
export interface EndpointDefinition<
  A extends Auth,
  Params extends TSchema,
  Query extends TSchema,
  Body extends TSchema,
  Returns extends TSchema,
> {
  method: Method
  /** In the specification's form, with `{roomId}` for a parameter. */
  path: string
  /** Anchor in the specification, after its address and version. */
  spec: string
  auth: A
  rate: RateClass
  params?: Params
  /** Integers, booleans, enums, strings and arrays of strings: see `parseQuery`. */
  query?: Query
  body?: Body
  /** Only with `body`; `required` unless said otherwise. */
  bodyUse?: 'required' | 'optional'
  /** `plain` unless said otherwise. */
  json?: JsonMode
  returns: Returns
  /**
   * Other accepted paths. A parameter that is absent from one is the empty string.
   * The `r0` forms of `v3` paths need not be listed.
   */
  aliases?: readonly string[]
}

export interface Endpoint<
  A extends Auth = Auth,
  Params extends TSchema = TSchema,
  Query extends TSchema = TSchema,
  Body extends TSchema = TSchema,
  Returns extends TSchema = TSchema,
> {
  readonly method: Method
  readonly path: string
  readonly spec: string
  readonly auth: A
  readonly rate: RateClass
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly bodyUse: BodyUse
  readonly json: JsonMode
  readonly returns: Returns
  /** Every accepted path besides `path`, `r0` forms included. */
  readonly aliases: readonly string[]
}

export type ParamsOf<E> = E extends Endpoint<Auth, infer P, TSchema, TSchema, TSchema> ? Static<P> : never
export type QueryOf<E> = E extends Endpoint<Auth, TSchema, infer Q, TSchema, TSchema> ? Static<Q> : never
export type BodyOf<E> = E extends Endpoint<Auth, TSchema, TSchema, infer B, TSchema> ? Static<B> : never
export type ReturnsOf<E> = E extends Endpoint<Auth, TSchema, TSchema, TSchema, infer R> ? Static<R> : never

/** Makes a contract: the one value from which router, validation, documents and typed calls derive. */
export function endpoint<
  const A extends Auth,
  Returns extends TSchema,
  Params extends TSchema = None,
  Query extends TSchema = None,
  Body extends TSchema = None,
>(
  definition: EndpointDefinition<A, Params, Query, Body, Returns>,
): Endpoint<A, Params, Query, Body, Returns> {
  const { method, path, spec, auth, rate, params, query, body, returns } = definition
  return {
    method,
    path,
    spec,
    auth,
    rate,
    params: params ?? absent<Params>(),
    query: query ?? absent<Query>(),
    body: body ?? absent<Body>(),
    bodyUse: body ? (definition.bodyUse ?? 'required') : 'none',
    json: definition.json ?? 'plain',
    returns,
    aliases: withOldVersions(path, definition.aliases ?? []),
  }
}

/** The schema of a part that a contract does not declare: its type parameter is then `None` by default. */
function absent<Schema extends TSchema>(): Schema {
  const none: TSchema = Type.Object({})
  return none as Schema
}

/** Clients from before v1.1 say `r0` where the specification now says `v3`. */
function withOldVersions(path: string, aliases: readonly string[]): string[] {
  const current = '/_matrix/client/v3/'
  const old = [path, ...aliases]
    .filter((each) => each.startsWith(current))
    .map((each) => each.replace(current, '/_matrix/client/r0/'))
  return [...aliases, ...old]
}

/** The names of the parameters in a path, in their order. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
}

/** The properties of an object schema; none for any other schema. */
export function propertiesOf(schema: TSchema): TProperties {
  return Type.IsObject(schema) ? schema.properties : {}
}

/**
 * Reads a query strictly, as its schema says. An array is a repeated name; of any other repeated name the
 * first value counts; names that the schema lacks are ignored.
 *
 * @throws MatrixError M_MISSING_PARAM, or M_INVALID_PARAM for `12abc`, `1e9`, numbers past 2^53-1, numbers out of
 *   the schema's bounds, booleans other than `true` and `false`, values that an enum lacks
 */
export function parseQuery<Schema extends TSchema>(schema: Schema, query: URLSearchParams): Static<Schema> {
  const values: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(propertiesOf(schema))) {
    const given = query.getAll(name)
    const first = given[0]
    if (first === undefined) {
      if (!Type.IsOptional(property)) throw missingParam(`The query parameter ${name} is missing`)
      continue
    }
    const value = Type.IsArray(property) ? given : scalar(property, first)
    if (!Check(property, value)) throw invalidParam(`The query parameter ${name} has an invalid value`)
    values[name] = value
  }
  return values as Static<Schema>
}

/** The value that a text stands for under a schema; undefined when it stands for none. */
function scalar(schema: TSchema, text: string): unknown {
  if (Type.IsInteger(schema)) {
    const value = /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN
    return Number.isSafeInteger(value) ? value : undefined
  }
  if (Type.IsBoolean(schema)) return text === 'true' ? true : text === 'false' ? false : undefined
  return text
}
