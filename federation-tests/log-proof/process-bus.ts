/** The bus of the proof: workers send to the test's process, which passes on to the others what it does not lose. */
import type { ChildProcess } from 'node:child_process'
import type { Bus } from '@kith/homeserver/platform/bus'

export type BusMessage = { bus: { channel: string; message: string } } | { busUp: boolean }

/** In a worker. */
export function processBus(): Bus {
  const listeners = new Map<string, (message: string) => void>()
  let up = true
  process.on('message', (given: Partial<{ bus: { channel: string; message: string }; busUp: boolean }>) => {
    if (given.bus) listeners.get(given.bus.channel)?.(given.bus.message)
    if (given.busUp !== undefined) up = given.busUp
  })
  return {
    get up() {
      return up
    },
    publish(channel, message) {
      process.send?.({ bus: { channel, message } })
    },
    subscribe(channel, listener) {
      listeners.set(channel, listener)
      return () => listeners.delete(channel)
    },
  }
}

/** In the test's process. @param lose may change a message too; undefined for one that is lost */
export function relayBus(
  children: () => ChildProcess[],
  from: ChildProcess,
  lose: (message: string) => string | undefined,
) {
  from.on('message', (given: Partial<{ bus: { channel: string; message: string } }>) => {
    if (!given.bus) return
    for (const child of children()) {
      const message = lose(given.bus.message)
      if (child === from || message === undefined || !child.connected) continue
      child.send({ bus: { channel: given.bus.channel, message } }, () => {})
    }
  })
}
