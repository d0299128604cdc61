import type { JsonObject } from '@kith/spec/json'
import { MatrixFailure, path } from '../harness/client-api.ts'
import { editOf, reactionTo, text } from '../harness/participant.ts'
import { type ClientEvent, event } from '../harness/room-view.ts'
import { makeAccount } from './accounts.ts'
import type { Character, Name } from './cast.ts'
import { directLines, group, groupLines, type Line, readByAll } from './lines.ts'
import { type Speaker, signIn } from './speaker.ts'

type Speakers = Record<Name, Speaker>

/**
 * Makes the accounts, and lets the characters talk. What is there from an earlier try, that may have ended anywhere, is
 * taken as it is.
 */
export async function seed(cast: readonly Character[], secret: string): Promise<void> {
  await Promise.all(cast.map((character) => makeAccount(character, secret)))
  const signedIn = await Promise.all(cast.map(signIn))
  const speakers = Object.fromEntries(signedIn.map((speaker) => [speaker.name, speaker])) as Speakers
  const groupRoom = await prepareGroup(speakers)
  await Promise.all([talkInGroup(speakers, groupRoom), talkAlone(speakers, groupRoom)])
  for (const speaker of signedIn) await speaker.leave()
}

async function prepareGroup({ anna, lin, ben, mei }: Speakers): Promise<string> {
  const room = (await roomOf(anna, `#sunday-walk:${anna.server.name}`)) ?? (await createGroup(anna))
  for (const guest of [lin, ben, mei]) await enter(guest, room, anna)
  return room
}

async function talkInGroup(speakers: Speakers, room: string): Promise<void> {
  const { anna, lin, ben, mei } = speakers
  const said = await play(speakers, room, groupLines)
  await read(anna, room, said.get(readByAll) ?? '')
  for (const guest of [lin, ben, mei]) await read(guest, room, said.get('last') ?? '')
}

async function roomOf(speaker: Speaker, alias: string): Promise<string | undefined> {
  try {
    const found = await speaker.request<{ room_id: string }>({
      method: 'GET',
      path: path`/v3/directory/room/${alias}`,
    })
    return found.room_id
  } catch (error) {
    if (error instanceof MatrixFailure && error.status === 404) return undefined
    throw error
  }
}

async function createGroup(host: Speaker): Promise<string> {
  const body = { preset: 'private_chat', room_alias_name: 'sunday-walk', ...group }
  return (await host.request<{ room_id: string }>({ method: 'POST', path: '/v3/createRoom', body })).room_id
}

async function talkAlone(speakers: Speakers, groupRoom: string): Promise<void> {
  const { anna, mei } = speakers
  const { joined_rooms: joined } = await anna.request<{ joined_rooms: string[] }>({
    method: 'GET',
    path: '/v3/joined_rooms',
  })
  const room = joined.find((id) => id !== groupRoom) ?? (await createDirect(anna, mei))
  await enter(mei, room, anna)
  await markDirect(anna, mei, room)
  await markDirect(mei, anna, room)
  const said = await play(speakers, room, directLines)
  for (const speaker of [anna, mei]) await read(speaker, room, said.get('last') ?? '')
}

async function createDirect(host: Speaker, guest: Speaker): Promise<string> {
  const body = { preset: 'trusted_private_chat', is_direct: true, invite: [guest.userId] }
  return (await host.request<{ room_id: string }>({ method: 'POST', path: '/v3/createRoom', body })).room_id
}

async function markDirect(speaker: Speaker, other: Speaker, room: string): Promise<void> {
  const list = path`/v3/user/${speaker.userId}/account_data/m.direct`
  await speaker.request({ method: 'PUT', path: list, body: { [other.userId]: [room] } })
}

/** The host may have been stopped before this guest was invited. */
async function enter(guest: Speaker, room: string, host: Speaker): Promise<void> {
  const members = path`/v3/rooms/${room}/members`
  const { chunk } = await host.request<{ chunk: ClientEvent[] }>({ method: 'GET', path: members })
  if (!chunk.some(({ state_key }) => state_key === guest.userId)) {
    const invite = path`/v3/rooms/${room}/invite`
    await host.request({ method: 'POST', path: invite, body: { user_id: guest.userId } })
  }
  await guest.sees(room, ({ section }) => section === 'invite' || section === 'join')
  const query = { server_name: host.server.name, via: host.server.name }
  await guest.request({ method: 'POST', path: path`/v3/join/${room}`, query, body: {} })
}

async function read(speaker: Speaker, room: string, eventId: string): Promise<void> {
  await speaker.sees(room, event(eventId))
  await speaker.request({
    method: 'POST',
    path: path`/v3/rooms/${room}/receipt/m.read/${eventId}`,
    body: {},
  })
}

/** Each one speaks when what was said before has come, so that all servers have it in one order. */
async function play(speakers: Speakers, room: string, lines: readonly Line[]): Promise<Map<string, string>> {
  const said = new Map<string, string>()
  for (const [index, line] of lines.entries()) {
    const speaker = speakers[line.by]
    const before = said.get('last')
    if (before !== undefined) await speaker.sees(room, event(before))
    const eventId = await speaker.send(room, `line-${index}`, eventOf(line, speakers, said))
    if ('key' in line && line.key) said.set(line.key, eventId)
    said.set('last', eventId)
  }
  return said
}

function eventOf(line: Line, speakers: Speakers, said: Map<string, string>) {
  const idOf = (key: string) => said.get(key) ?? ''
  if ('reacts' in line) return { type: 'm.reaction', content: reactionTo(idOf(line.to), line.reacts) }
  if ('edits' in line) return { type: 'm.room.message', content: editOf(idOf(line.edits), line.text) }
  const content: JsonObject = text(line.text)
  if (line.isEmote) content.msgtype = 'm.emote'
  if (line.html) Object.assign(content, html(line.html))
  if (line.replyTo) content['m.relates_to'] = { 'm.in_reply_to': { event_id: idOf(line.replyTo) } }
  if (line.mentions) Object.assign(content, mention(line.text, speakers[line.mentions]))
  return { type: 'm.room.message', content }
}

const html = (formatted: string) => ({ format: 'org.matrix.custom.html', formatted_body: formatted })

function mention(words: string, { userId, displayName }: Speaker): JsonObject {
  return {
    body: `${displayName}: ${words}`,
    ...html(`<a href="https://matrix.to/#/${userId}">${displayName}</a>: ${words}`),
    'm.mentions': { user_ids: [userId] },
  }
}
