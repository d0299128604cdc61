/**
 * The worker a page starts: a shared one where there are such, so that several windows have one session; else a
 * dedicated one.
 */

import { type Port, serveCore } from './channel.ts'
import { openCore } from './core.ts'
import { openIndexedStore } from './store/indexed-store.ts'

declare const self: Port & {
  onconnect?: unknown
  addEventListener(type: 'connect', listener: (event: { ports: Port[] }) => void): void
  addEventListener(type: 'online', listener: () => void): void
}

// Where nothing may be stored, the session lasts as long as the page.
const opening = openIndexedStore()
  .catch(async () => (await import('./store/memory-store.ts')).memoryStore())
  .then((store) => openCore({ store }))

self.addEventListener('online', () => void opening.then(({ commands }) => commands.reconnect()))

if ('onconnect' in self) {
  self.addEventListener('connect', ({ ports: [port] }) => port && serveCore(port, opening))
} else {
  serveCore(self, opening)
}
