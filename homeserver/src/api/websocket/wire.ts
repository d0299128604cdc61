import type { JsonObject } from '@kith/spec/json'
import type { WebSocket } from 'ws'
import { type CloseCode, closeCodes } from './frames.ts'

/** Beside the body that is leaving. */
const maxBufferedBytes = 4 * 1024 * 1024

/** What goes out over one socket, bounded, and its end. */
export class Wire {
  readonly #socket: WebSocket
  readonly #ended = new AbortController()
  /** Of the body in the send buffer. */
  #leavingBytes = 0
  /** Resolves when the socket is gone. */
  readonly gone: Promise<void>

  constructor(socket: WebSocket) {
    this.#socket = socket
    this.gone = new Promise((resolve) => {
      socket.once('close', () => {
        this.#ended.abort()
        resolve()
      })
    })
    // What is wrong with the stream closes the socket, with the code that ws chose.
    socket.on('error', () => this.#ended.abort())
  }

  /** Aborted as soon as nothing more can be sent. */
  get signal(): AbortSignal {
    return this.#ended.signal
  }

  get isOpen(): boolean {
    return !this.signal.aborted && this.#socket.readyState === this.#socket.OPEN
  }

  /** Sends a frame; closes instead when too much piles up. */
  send(frame: JsonObject): void {
    if (!this.isOpen) return
    if (this.#socket.bufferedAmount > maxBufferedBytes + this.#leavingBytes) this.close(closeCodes.slow)
    else this.#socket.send(JSON.stringify(frame))
  }

  /** Resolves when the body has left for the network, or never will. */
  async sendBody(body: string): Promise<void> {
    if (!this.isOpen) return
    this.#leavingBytes = Buffer.byteLength(body)
    await new Promise<void>((resolve) => this.#socket.send(`{"type":"sync","body":${body}}`, () => resolve()))
    this.#leavingBytes = 0
  }

  /** @param error the members of an error frame that goes before */
  close(code: CloseCode, error?: JsonObject): void {
    if (!this.isOpen) return
    if (error) this.#socket.send(JSON.stringify({ type: 'error', ...error }))
    this.#socket.close(code)
    // Else the answer to our closing would not be read.
    this.#socket.resume()
    this.#ended.abort()
  }
}
