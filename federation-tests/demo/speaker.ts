import type { JsonObject } from '@kith/spec/json'
import { type Call, call, path } from '../harness/client-api.ts'
import type { Sight } from '../harness/room-view.ts'
import { followRooms } from '../harness/synced-rooms.ts'
import type { Character } from './cast.ts'

/** A character at a device. */
export interface Speaker extends Character {
  request<T = JsonObject>(request: Call): Promise<T>
  /** Sends an event; the same token gives the same event, however often it is sent. */
  send(room: string, token: string, event: { type: string; content: JsonObject }): Promise<string>
  /** Waits until the room looks like that to this one. */
  sees(room: string, sight: Sight): Promise<void>
  /** Signs out of this device and any other. */
  leave(): Promise<void>
}

/** Always the same, so that tokens mean the same after an interruption. */
const deviceId = 'DEMO'
const seesWithinMs = 30_000

export async function signIn(character: Character): Promise<Speaker> {
  const { name, password, server } = character
  const body = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: name },
    password,
    device_id: deviceId,
  }
  const { url } = server
  const session = await call<{ access_token: string }>({ url }, { method: 'POST', path: '/v3/login', body })
  const access = { url, token: session.access_token }
  const rooms = followRooms(access)
  const request = <T>(one: Call) => call<T>(access, one)
  return {
    ...character,
    request,
    async send(room, token, { type, content }) {
      const at = path`/v3/rooms/${room}/send/${type}/${token}`
      return (await request<{ event_id: string }>({ method: 'PUT', path: at, body: content })).event_id
    },
    async sees(room, sight) {
      await rooms.sees(room, sight, seesWithinMs)
    },
    async leave() {
      await rooms.stop()
      await request({ method: 'POST', path: '/v3/logout/all', body: {} })
    },
  }
}
