import { existsSync } from 'node:fs'
import { join } from 'node:path'

const peersDirectory = join(import.meta.dirname, '../../.peers')

/** The Python of the peers' environment; throws with what to do when the peers are not installed. */
export function peerPython(): string {
  const python = join(peersDirectory, 'venv/bin/python')
  if (!existsSync(python)) throw new Error('needs: npm run peers')
  return python
}
