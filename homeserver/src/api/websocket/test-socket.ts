import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { JsonObject } from '@kith/spec/json'
import { type ClientOptions, WebSocket } from 'ws'
import type { Synced } from '../client/test-syncer.ts'
import type { TestPerson } from '../test-person.ts'

export interface Frame extends JsonObject {
  type: string
}

const addressOf = (url: string) =>
  `${url.replace('http', 'ws')}/_matrix/client/unstable/im.kith.websocket/sync`

/** A client on a socket. */
export class TestSocket {
  readonly socket: WebSocket
  /** The code with which it was closed. */
  readonly closed: Promise<number>
  readonly #frames: Frame[] = []
  readonly #waiting: (() => void)[] = []
  #lastId = 0
  /** That of the last body acknowledged. */
  since = ''

  private constructor(socket: WebSocket) {
    this.socket = socket
    this.closed = once(socket, 'close').then(([code]) => code)
    socket.on('message', (data: Buffer) => {
      this.#frames.push(JSON.parse(data.toString()))
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  /** Opens, and says nothing. @param url of the server, with a query if any */
  static async open(url: string, options: ClientOptions = {}, query = ''): Promise<TestSocket> {
    const opened = new TestSocket(new WebSocket(addressOf(url) + query, options))
    await once(opened.socket, 'open')
    return opened
  }

  static async signIn({ url, accessToken }: TestPerson, extra: JsonObject = {}): Promise<TestSocket> {
    const opened = await TestSocket.open(url)
    opened.send({ type: 'auth', access_token: accessToken ?? '', ...extra })
    return opened
  }

  /** Signs in, takes the first body and acknowledges it. */
  static async follow(person: TestPerson, extra: JsonObject = {}): Promise<TestSocket> {
    const opened = await TestSocket.signIn(person, extra)
    opened.acknowledge(await opened.body())
    return opened
  }

  send(frame: JsonObject): void {
    this.socket.send(JSON.stringify(frame))
  }

  /** Takes the next frame that fits out of what came or comes. Fails when the socket closes before. */
  async take(fits: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const index = this.#frames.findIndex(fits)
      const [frame] = index < 0 ? [] : this.#frames.splice(index, 1)
      if (frame) return frame
      const next = new Promise<void>((resolve) => this.#waiting.push(resolve))
      const code = await Promise.race([next, this.closed])
      if (code !== undefined && !this.#frames.some(fits)) throw new Error(`closed with ${code}`)
    }
  }

  /** What has come and was not taken. */
  get untaken(): readonly Frame[] {
    return this.#frames
  }

  /** The next body, not acknowledged. */
  async body(): Promise<Synced> {
    const { body } = await this.take(({ type }) => type === 'sync')
    return body as unknown as Synced
  }

  /** Takes bodies and acknowledges them until this message is there. @returns the bodies of all messages on the way */
  async readUntil(text: string): Promise<string[]> {
    const texts: string[] = []
    while (!texts.includes(text)) {
      const body = await this.body()
      texts.push(...textsOf(body))
      this.acknowledge(body)
    }
    return texts
  }

  acknowledge({ next_batch }: Synced): void {
    this.since = next_batch
    this.send({ type: 'ack', since: next_batch })
  }

  async ask(method: string, members: JsonObject): Promise<{ status: number; body: JsonObject }> {
    const id = String(++this.#lastId)
    this.send({ type: 'request', id, method, ...members })
    const answer = await this.take((frame) => frame.type === 'response' && frame.id === id)
    return { status: Number(answer.status), body: answer.body as JsonObject }
  }

  /** Whatever was sent before has been taken by the server when this resolves. */
  async ping(): Promise<void> {
    this.send({ type: 'ping' })
    await this.take(({ type }) => type === 'pong')
  }

  /** Fails unless it is closed with this code; and with this error, where one is told. */
  async isClosed(code: number, errcode?: string): Promise<Frame | undefined> {
    const error =
      errcode === undefined
        ? undefined
        : await this.take(({ type }) => type === 'error').catch(() => undefined)
    assert.deepEqual([await this.closed, error?.errcode], [code, errcode])
    return error
  }
}

/** Tries to open a socket, and is answered by HTTP. */
export async function refusedUpgrade(url: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(addressOf(url), { headers })
  const [, response] = await once(socket, 'unexpected-response')
  const chunks = await response.toArray()
  const body: JsonObject = JSON.parse(Buffer.concat(chunks).toString())
  return { status: response.statusCode, errcode: body.errcode, retryAfter: response.headers['retry-after'] }
}

export function textsOf({ rooms }: Synced): string[] {
  const events = Object.values(rooms.join).flatMap(({ timeline }) => timeline.events)
  return events.flatMap(({ content }) => (typeof content.body === 'string' ? [content.body] : []))
}
