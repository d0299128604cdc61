/** One client on one socket. Source: spec/extensions/websocket-sync.md. */
import { sync as syncContract } from '@kith/spec/api/sync'
import type { WebSocket } from 'ws'
import { Bodies, readAsked } from './bodies.ts'
import {
  type ClientFrame,
  type CloseCode,
  closeCodes,
  MalformedFrame,
  readFrame,
  textMember,
} from './frames.ts'
import { Requests } from './requests.ts'
import { answerOf, type SocketContext } from './socket-context.ts'
import { createStanding, type Standing } from './standing.ts'
import type { Times } from './times.ts'
import { Wire } from './wire.ts'

export interface ConnectionOptions {
  times: Times
  /** Counts the socket as the user's. @throws MatrixError M_LIMIT_EXCEEDED */
  enter(user: number): void
}

/** What there is once the first frame has come. */
interface Life {
  standing: Standing
  bodies: Bodies
  requests: Requests
  /** Frames that came along with the first one, until it is decided about. */
  held: ClientFrame[] | undefined
}

export class Connection {
  readonly #context: SocketContext
  readonly #options: ConnectionOptions
  readonly #socket: WebSocket
  readonly #wire: Wire
  readonly #late: NodeJS.Timeout
  readonly #silence: NodeJS.Timeout
  #life: Life | undefined

  constructor(context: SocketContext, socket: WebSocket, options: ConnectionOptions) {
    const { authenticateMs, silentMs } = options.times
    this.#context = context
    this.#options = options
    this.#socket = socket
    this.#wire = new Wire(socket)
    this.#late = setTimeout(() => this.#wire.close(closeCodes.signedOut), authenticateMs)
    this.#silence = setTimeout(() => this.#wire.close(closeCodes.silent), silentMs)
    this.#wire.signal.addEventListener('abort', () => {
      clearTimeout(this.#late)
      clearTimeout(this.#silence)
    })
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#receive(data, isBinary))
    socket.on('ping', () => this.#silence.refresh())
  }

  /** Looks whether the token still holds, and closes when it doesn't. */
  checkStanding(): void {
    this.#life?.standing.confirm().catch((error: unknown) => this.#fail(error))
  }

  /** Closes; resolves when the socket is gone and nothing is done for it any more. */
  async end(code: CloseCode): Promise<void> {
    this.#wire.close(code)
    await this.#wire.gone
    await this.#life?.requests.settled()
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (!this.#wire.isOpen) return
    this.#silence.refresh()
    try {
      const frame = readFrame(data, isBinary)
      if (this.#life) this.#take(this.#life, frame)
      else this.#begin(frame)
    } catch (error) {
      this.#fail(error)
    }
  }

  #begin(frame: ClientFrame): void {
    if (frame.type !== 'auth') throw new MalformedFrame('The first frame authenticates')
    const standing = createStanding(
      this.#context.server,
      textMember(frame, 'access_token'),
      this.#context.origin.address,
    )
    clearTimeout(this.#late)
    const wire = this.#wire
    const { slowMs } = this.#options.times
    const bodies = new Bodies(this.#context, { wire, standing, slowMs })
    const requests = new Requests(this.#context, { wire, standing })
    this.#life = { standing, bodies, requests, held: [] }
    this.#socket.pause()
    this.#follow(this.#life, frame).catch((error: unknown) => this.#fail(error))
  }

  async #follow(life: Life, first: ClientFrame): Promise<void> {
    const { standing, bodies } = life
    const { user } = await standing.authenticate(syncContract)
    this.#options.enter(user)
    // From now on the log tells us; here it may have told already.
    const caller = await standing.confirm()
    const asked = await readAsked(this.#context.server, caller, first.members)
    if (!this.#wire.isOpen) return
    standing.watchExpiry(this.#wire.signal).catch((error: unknown) => this.#fail(error))
    const { held = [] } = life
    life.held = undefined
    for (const frame of held) this.#take(life, frame)
    this.#socket.resume()
    await bodies.run(asked)
  }

  #take({ held, bodies, requests }: Life, frame: ClientFrame): void {
    if (held) held.push(frame)
    else if (frame.type === 'ack') bodies.acknowledge(textMember(frame, 'since'))
    else if (frame.type === 'ping') this.#wire.send({ type: 'pong' })
    else if (frame.type === 'request') requests.take(frame)
  }

  #fail(error: unknown): void {
    if (!this.#wire.isOpen) return
    if (error instanceof MalformedFrame) {
      this.#wire.close(closeCodes.malformed, { errcode: 'M_BAD_JSON', error: error.message })
      return
    }
    const { status, body } = answerOf(this.#context, error)
    this.#wire.close(codeOf(status), body)
  }
}

function codeOf(status: number): CloseCode {
  if (status === 401) return closeCodes.signedOut
  if (status === 429) return closeCodes.tooMany
  return status >= 500 ? closeCodes.failed : closeCodes.malformed
}
