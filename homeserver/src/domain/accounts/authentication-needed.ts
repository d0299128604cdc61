import type { JsonObject } from '@kith/spec/json'

/** An operation has to be confirmed by interactive authentication; `body` says how. Answered with 401. */
export class AuthenticationNeeded extends Error {
  override name = 'AuthenticationNeeded'
  readonly body: JsonObject
  constructor(body: JsonObject) {
    super('Interactive authentication is needed')
    this.body = body
  }
}
