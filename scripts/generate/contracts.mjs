import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Loads every contract in spec/src/api, in the order of the files' names.
 *
 * @param {string} root the repository
 * @returns {Promise<{ name: string, module: string, api: 'client-server' | 'federation', contract: object }[]>}
 */
export async function loadContracts(root) {
  const folder = join(root, 'spec/src/api')
  const files = (await readdir(folder, { recursive: true }))
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort()
  const contracts = []
  for (const file of files) {
    const exported = await import(pathToFileURL(join(folder, file)).href)
    const api = file.startsWith('federation/') ? 'federation' : 'client-server'
    for (const [name, contract] of Object.entries(exported)) {
      if (isContract(contract)) contracts.push({ name, module: file.slice(0, -'.ts'.length), api, contract })
    }
  }
  const names = contracts.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice) throw new Error(`Two contracts are named ${twice}`)
  return contracts
}

function isContract(value) {
  return typeof value === 'object' && value !== null && 'bodyUse' in value && 'returns' in value
}
