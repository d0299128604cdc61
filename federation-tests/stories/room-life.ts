/** What happens in a room in this story: some of everything that the rules of a room version decide about. */
import type { JsonObject } from '@kith/spec/json'
import { path } from '../harness/client-api.ts'
import type { Person } from '../harness/person.ts'
import { type ClientEvent, event, membership, type Sight, section } from '../harness/room-view.ts'

export interface Cast {
  /** Makes the room. */
  host: Person
  /** On another server: is invited, and then helps the host. */
  guest: Person
  /** Of the guest's server, both. */
  kicked: Person
  banned: Person
}

export interface Lived {
  room: string
  cast: Cast
  /** Redacted by whom it belonged to, and by others. */
  redacted: string[]
}

/** From the creation of a room to the moment when it is quiet. */
export async function live(roomVersion: string, cast: Cast): Promise<Lived> {
  const { host, guest, banned } = cast
  const name = `Version ${roomVersion} by ${host.userId}`
  const room = await host.createRoom({ preset: 'public_chat', room_version: roomVersion, name })
  await enter(room, cast)
  const words = new Map<Person, string>()
  for (const person of [host, guest, banned])
    words.set(person, await person.send(room, `I am ${person.userId}`))
  for (const id of words.values()) await everybody(cast, room, event(id))
  await trust(room, host, guest)
  await part(room, cast)
  const redactions = [
    await host.redact(room, words.get(banned) as string, 'he is gone'),
    await guest.redact(room, words.get(host) as string),
    await guest.redact(room, words.get(guest) as string),
  ]
  for (const id of redactions) await everybody({ host, guest }, room, event(id))
  const last = await guest.send(room, 'quiet now')
  await everybody({ host, guest }, room, event(last))
  return { room, cast, redacted: [...words.values()] }
}

async function enter(room: string, { host, guest, kicked, banned }: Cast): Promise<void> {
  await host.invite(guest, room)
  await guest.sees(room, section('invite'))
  await guest.join(room, { via: host.server.name })
  for (const person of [kicked, banned]) await person.join(room, { via: host.server.name })
  for (const person of [guest, kicked, banned]) await host.sees(room, membership(person, 'join'))
}

/** Makes the guest a moderator. */
async function trust(room: string, host: Person, guest: Person): Promise<void> {
  const content = await levelsOf(room, host)
  const users = { ...(content.users as JsonObject), [guest.userId]: 50 }
  const levels = await host.sendState(room, 'm.room.power_levels', { content: { ...content, users } })
  await guest.sees(room, event(levels))
}

async function levelsOf(room: string, person: Person): Promise<JsonObject> {
  const state = await person.state(room)
  return state.find(({ type }) => type === 'm.room.power_levels')?.content ?? {}
}

/** One is kicked, comes back and leaves, and one is banned. */
async function part(room: string, { host, guest, kicked, banned }: Cast): Promise<void> {
  await guest.kick(kicked, room, 'by the moderator')
  await host.sees(room, membership(kicked, 'leave'))
  await kicked.join(room, { via: host.server.name })
  await host.sees(room, membership(kicked, 'join'))
  await host.ban(banned, room, 'by the host')
  await guest.sees(room, membership(banned, 'ban'))
  await kicked.leave(room)
  await host.sees(room, membership(kicked, 'leave'))
}

/** The room is replaced by one of version 12, where people meet again. @returns the life in the new room */
export async function moveOn({ room, cast }: Lived): Promise<Lived> {
  const { host, guest } = cast
  const { replacement_room: replacement } = await host.request<{ replacement_room: string }>({
    method: 'POST',
    path: path`/v3/rooms/${room}/upgrade`,
    body: { new_version: '12' },
  })
  await everybody({ host, guest }, room, isReplacedBy(replacement))
  await guest.join(replacement, { via: host.server.name })
  for (const person of [guest, host]) {
    await everybody({ host, guest }, replacement, event(await person.send(replacement, 'here we are')))
  }
  return { room: replacement, cast, redacted: [] }
}

const isReplacedBy =
  (replacement: string): Sight =>
  ({ state }) =>
    [...state.values()].some(
      ({ type, content }) => type === 'm.room.tombstone' && content.replacement_room === replacement,
    )

async function everybody(people: Partial<Cast>, room: string, sight: Sight): Promise<void> {
  await Promise.all(Object.values(people).map((person) => person.sees(room, sight)))
}

/** What came into the room with or after the guest: what was before, some servers don't fetch. */
export async function since(room: string, person: Person, guest: Person): Promise<ClientEvent[]> {
  const history = await person.history(room)
  const isArrival = ({ type, state_key: key, content }: ClientEvent) =>
    type === 'm.room.member' && key === guest.userId && content.membership === 'join'
  // Synapse joins forks by events that it hides from its own clients.
  return history.slice(history.findIndex(isArrival)).filter(({ type }) => type !== 'org.matrix.dummy_event')
}
