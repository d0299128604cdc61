/** The requests of one socket: how many at a time, and in which order. */
import type { Endpoint } from '@kith/spec/api/endpoint'
import { limitExceeded } from '@kith/spec/errors'
import type { Json } from '@kith/spec/json'
import type { Circumstances } from '../serve.ts'
import { answerRequest } from './answer-request.ts'
import { type ClientFrame, MalformedFrame, textMember } from './frames.ts'
import { answerOf, type SocketContext } from './socket-context.ts'
import type { Standing } from './standing.ts'
import type { Wire } from './wire.ts'

const maxRequests = 32
const maxIdLength = 64
const retryAfterMs = 1000

export class Requests {
  readonly #context: SocketContext
  readonly #wire: Wire
  readonly #standing: Standing
  readonly #running = new Set<Promise<void>>()
  /** The last one under way, by method and room: typing must not begin after it ended. */
  readonly #last = new Map<string, Promise<void>>()

  constructor(context: SocketContext, { wire, standing }: { wire: Wire; standing: Standing }) {
    this.#context = context
    this.#wire = wire
    this.#standing = standing
  }

  /** Carries a request out. @throws MalformedFrame */
  take(frame: ClientFrame): void {
    const id = textMember(frame, 'id')
    if (id.length > maxIdLength) throw new MalformedFrame('The id is too long')
    const queue = `${textMember(frame, 'method')} ${frame.members.room_id}`
    if (this.#running.size >= maxRequests) {
      this.#refuse(id, limitExceeded(retryAfterMs))
      return
    }
    const done = this.#answer(id, frame, this.#last.get(queue)).finally(() => {
      this.#running.delete(done)
      if (this.#last.get(queue) === done) this.#last.delete(queue)
    })
    this.#running.add(done)
    this.#last.set(queue, done)
  }

  /** Resolves when what is being carried out is done. */
  async settled(): Promise<void> {
    await Promise.all(this.#running)
  }

  async #answer(id: string, frame: ClientFrame, before: Promise<void> | undefined): Promise<void> {
    await before
    if (!this.#wire.isOpen) return
    const circumstances = this.#circumstances()
    const authenticate = (contract: Endpoint) => this.#standing.authenticate(contract)
    try {
      const { limit } = this.#context
      this.#respond(id, 200, await answerRequest(frame, { authenticate, limit }, circumstances))
    } catch (error) {
      this.#refuse(id, error, circumstances.requestId)
    }
  }

  #circumstances(): Circumstances {
    const { server, origin, nextId } = this.#context
    const bodyBytes = new Uint8Array(0)
    return { ...origin, server, requestId: nextId(), bodyBytes, signal: this.#wire.signal }
  }

  #refuse(id: string, error: unknown, requestId?: string): void {
    const { status, body } = answerOf(this.#context, error, requestId)
    this.#respond(id, status, body)
  }

  #respond(id: string, status: number, body: Json): void {
    this.#wire.send({ type: 'response', id, status, body })
  }
}
