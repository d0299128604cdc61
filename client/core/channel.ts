/** The core on one side of a port, pages on the other. All that crosses it is plain data. */

import type { CommandFailure, CommandName, Commands, Core, TopicName } from './api.ts'
import { CommandError, failureOf } from './errors.ts'

/** A `MessagePort`, or a dedicated worker seen from either side. */
export interface Port {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  start?(): void
}

type ToCore =
  | { kind: 'call'; id: number; command: CommandName; parameters: unknown[] }
  | { kind: 'watch'; id: number; topic: TopicName; argument: unknown }
  | { kind: 'unwatch'; id: number }
  | { kind: 'bye' }

type ToPage =
  | { kind: 'done'; id: number; result: unknown }
  | { kind: 'failed'; id: number; failure: CommandFailure }
  | { kind: 'update'; id: number; update: unknown }

/** Serves a page. The core may still be opening: what the page asks waits for it. */
export function serveCore(port: Port, opening: Promise<Core>): void {
  const watches = new Map<number, () => void>()
  const post = (message: ToPage) => port.postMessage(message)
  const receive = async (message: ToCore) => {
    const core = await opening
    if (message.kind === 'watch') {
      const { id, topic, argument } = message
      const stop = core.watch(topic, argument as never, (update) => post({ kind: 'update', id, update }))
      watches.set(id, stop)
    } else if (message.kind === 'unwatch') {
      watches.get(message.id)?.()
      watches.delete(message.id)
    } else if (message.kind === 'bye') {
      for (const stop of watches.values()) stop()
      watches.clear()
    } else {
      const { id, command, parameters } = message
      const run = core.commands[command] as (...given: unknown[]) => Promise<unknown>
      post({ kind: 'done', id, result: await run(...parameters) })
    }
  }
  port.addEventListener('message', ({ data }) => {
    const message = data as ToCore
    receive(message).catch((error: unknown) => {
      if ('id' in message) post({ kind: 'failed', id: message.id, failure: failureOf(error) })
    })
  })
  port.start?.()
}

/** The core as a page sees it. Call `leave` when the page goes, so that nothing is computed for it any longer. */
export function connectCore(port: Port): Core & { leave(): void } {
  const calls = new Map<number, { resolve(result: unknown): void; reject(error: CommandError): void }>()
  const listeners = new Map<number, (update: never) => void>()
  let lastId = 0
  const post = (message: ToCore) => port.postMessage(message)
  port.addEventListener('message', ({ data }) => {
    const message = data as ToPage
    if (message.kind === 'update') return listeners.get(message.id)?.(message.update as never)
    const waiting = calls.get(message.id)
    calls.delete(message.id)
    if (message.kind === 'done') waiting?.resolve(message.result)
    else waiting?.reject(errorOf(message.failure))
  })
  port.start?.()
  const call = (command: CommandName, parameters: unknown[]) =>
    new Promise((resolve, reject) => {
      const id = ++lastId
      calls.set(id, { resolve, reject })
      post({ kind: 'call', id, command, parameters })
    })
  return {
    commands: new Proxy({} as Commands, {
      get:
        (_, command) =>
        (...parameters: unknown[]) =>
          call(command as CommandName, parameters),
    }),
    watch(topic, argument, listener) {
      const id = ++lastId
      listeners.set(id, listener)
      post({ kind: 'watch', id, topic, argument })
      return () => {
        listeners.delete(id)
        post({ kind: 'unwatch', id })
      }
    },
    leave: () => post({ kind: 'bye' }),
  }
}

function errorOf({ key, message, errcode, status, retryAfterMs }: CommandFailure): CommandError {
  return new CommandError(key, message, { errcode, status, retryAfterMs })
}
