/** The core, which lives in a worker that all windows share. */

import { connectCore, type Port } from '../../../core/channel.ts'

export const core = connectCore(startWorker())
addEventListener('pagehide', (event) => !event.persisted && core.leave())

function startWorker(): Port {
  if ('SharedWorker' in globalThis) {
    return new SharedWorker(new URL('../../../core/worker.ts', import.meta.url), {
      type: 'module',
      name: 'kith',
    }).port
  }
  return new Worker(new URL('../../../core/worker.ts', import.meta.url), { type: 'module', name: 'kith' })
}
