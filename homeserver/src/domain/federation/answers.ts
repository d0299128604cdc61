import type { Endpoint, ReturnsOf } from '@kith/spec/api/endpoint'
import { isObject, type JsonObject, own } from '@kith/spec/json'
import { type SplitJson, splitJson } from '@kith/spec/split-json'
import { parseJson } from '@kith/spec/strict-json'
import { Compile, type Validator } from 'typebox/compile'
import type { OutgoingResponse } from '../../platform/outgoing/client.ts'
import { RemoteError } from './remote-error.ts'

/** Answers are bounded in bytes already, and the state of a large room has more keys than any request. */
const manyKeys = { maxKeys: 20_000_000 }

/** @throws RemoteError for what is no JSON object */
export function answerObject(destination: string, body: Uint8Array): JsonObject {
  let answer: unknown
  try {
    answer = parseJson(body, 'plain', manyKeys)
  } catch (cause) {
    throw new RemoteError(destination, 'the answer is not JSON', { cause })
  }
  if (!isObject(answer as JsonObject)) throw new RemoteError(destination, 'the answer is not an object')
  return answer as JsonObject
}

/**
 * Takes the events out of an answer as raw texts, so that each can be looked at by itself.
 *
 * @param members those that hold events @throws RemoteError for what is no JSON object
 */
export function splitAnswer(destination: string, body: Uint8Array, members: readonly string[]): SplitJson {
  try {
    return splitJson(body, new Set(members), manyKeys)
  } catch (cause) {
    throw new RemoteError(destination, 'the answer is not JSON', { cause })
  }
}

const validators = new WeakMap<Endpoint, Validator>()

/** Holds an answer to its contract. @throws RemoteError */
export function checkedAnswer<E extends Endpoint>(
  destination: string,
  contract: E,
  answer: JsonObject,
): ReturnsOf<E> {
  const validator = validators.get(contract) ?? Compile(contract.returns)
  validators.set(contract, validator)
  if (validator.Check(answer)) return answer as ReturnsOf<E>
  const [first] = validator.Errors(answer)
  const where = first?.instancePath || 'it'
  throw new RemoteError(destination, `the answer is malformed: ${where} ${first?.message ?? ''}`)
}

/** What an answer other than 2xx says. */
export function refusalIn(destination: string, { status, headers, body }: OutgoingResponse): RemoteError {
  const fields = fieldsOf(body)
  const errcode = textIn(fields, 'errcode')
  const message = textIn(fields, 'error') ?? `status ${status}`
  const inBody = own(fields, 'retry_after_ms')
  const inHeader = Number(headers['retry-after'] ?? Number.NaN) * 1000
  const retryAfterMs = typeof inBody === 'number' ? inBody : Number.isNaN(inHeader) ? undefined : inHeader
  const roomVersion = textIn(fields, 'room_version')
  return new RemoteError(destination, message, { status, errcode, retryAfterMs, roomVersion })
}

function fieldsOf(body: Uint8Array): JsonObject {
  try {
    const json = parseJson(body, 'plain')
    return isObject(json) ? json : {}
  } catch {
    return {}
  }
}

function textIn(fields: JsonObject, name: string): string | undefined {
  const value = own(fields, name)
  return typeof value === 'string' ? value.slice(0, 1000) : undefined
}
