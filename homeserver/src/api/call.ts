import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Homeserver } from '../domain/homeserver.ts'
import type { Origin } from './client-address.ts'
import type { Circumstances } from './serve.ts'

const noBytes = new Uint8Array(0)

/** The calls that wait for something, so that the server can end them. */
export interface Waiting {
  controllers: Set<AbortController>
  isEnding: boolean
}

/** One request that is being answered. */
export class Call implements Circumstances {
  readonly server: Homeserver
  readonly requestId: string
  readonly address: string
  readonly host: string
  readonly isSecure: boolean
  bodyBytes: Uint8Array = noBytes
  readonly #response: ServerResponse
  readonly #waiting: Waiting
  #controller: AbortController | undefined

  constructor(
    server: Homeserver,
    exchange: { request: IncomingMessage; response: ServerResponse; requestId: string; origin: Origin },
    waiting: Waiting,
  ) {
    this.server = server
    this.requestId = exchange.requestId
    this.address = exchange.origin.address
    this.host = exchange.origin.host
    this.isSecure = exchange.origin.isSecure
    this.#response = exchange.response
    this.#waiting = waiting
  }

  get signal(): AbortSignal {
    this.#controller ??= this.#watchConnection()
    return this.#controller.signal
  }

  #watchConnection(): AbortController {
    const controller = new AbortController()
    const { controllers, isEnding } = this.#waiting
    if (isEnding) controller.abort()
    controllers.add(controller)
    this.#response.once('close', () => {
      controllers.delete(controller)
      controller.abort()
    })
    return controller
  }
}
