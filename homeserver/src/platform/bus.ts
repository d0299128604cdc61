/**
 * Messages between the processes of one installation. A hint, never the only holder of anything: a message may
 * be lost or come twice, and nothing may break then.
 */
export interface Bus {
  publish(channel: string, message: string): void
  /** @returns the end of the subscription */
  subscribe(channel: string, listener: (message: string) => void): () => void
  /** False while messages are known to be lost; those who rely on hints look for themselves more often then. */
  readonly up: boolean
}

/** The bus of a process that is alone. */
export function memoryBus(): Bus {
  const channels = new Map<string, Set<(message: string) => void>>()
  return {
    up: true,
    publish(channel, message) {
      for (const listener of channels.get(channel) ?? []) listener(message)
    },
    subscribe(channel, listener) {
      const listeners = channels.get(channel) ?? new Set()
      channels.set(channel, listeners.add(listener))
      return () => listeners.delete(listener)
    },
  }
}
