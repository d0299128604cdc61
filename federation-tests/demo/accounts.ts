import { createHmac } from 'node:crypto'
import type { JsonObject } from '@kith/spec/json'
import type { Character } from './cast.ts'
import { DemoError } from './demo-error.ts'

/** Makes the account of a character, unless it is there from an earlier try. */
export async function makeAccount(character: Character, secret: string): Promise<void> {
  const { name, password, displayName, server } = character
  const address = `${server.url}/_synapse/admin/v1/register`
  const { nonce } = await answer(fetch(address))
  const mac = createHmac('sha1', secret).update([nonce, name, password, 'notadmin'].join('\0')).digest('hex')
  const body = JSON.stringify({
    nonce,
    mac,
    username: name,
    password,
    displayname: displayName,
    admin: false,
  })
  const headers = { 'content-type': 'application/json' }
  const made = await answer(fetch(address, { method: 'POST', headers, body }))
  if (made.errcode !== undefined && made.errcode !== 'M_USER_IN_USE') {
    throw new DemoError(`${character.userId} cannot be made: ${made.error}`)
  }
}

async function answer(response: Promise<Response>): Promise<JsonObject> {
  return JSON.parse(await (await response).text())
}
