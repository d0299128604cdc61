/** State events of local users, by the types that need more than the auth rules. */
import { badJson, invalidParam } from '@kith/spec/errors'
import { isUserId } from '@kith/spec/ids'
import type { JsonObject } from '@kith/spec/json'
import { type Membership, memberships } from '../../storage/event-inserts.ts'
import type { Homeserver } from '../homeserver.ts'
import { checkCanonicalAlias } from './aliases.ts'
import { inviteUser } from './invite.ts'
import { joinRoom } from './join.ts'
import { writeMember } from './membership.ts'
import { type LocalEvent, type LocalSender, roomNumber, sendEvent } from './send.ts'
import { stateEvent } from './state-reader.ts'

/** Sets an entry of a room's state. @returns the event's id */
export async function setState(
  server: Homeserver,
  sender: LocalSender,
  event: LocalEvent & { stateKey: string },
): Promise<string> {
  if (event.type === 'm.room.member') return setMember(server, sender, event)
  if (event.type === 'm.room.canonical_alias') await checkAliases(server, event)
  return sendEvent(server, sender, event)
}

/** A membership set as state is the same act as through its own endpoint. */
async function setMember(
  server: Homeserver,
  sender: LocalSender,
  { roomId, stateKey: target, content }: LocalEvent & { stateKey: string },
): Promise<string> {
  const { membership, ...more } = content
  if (!isUserId(target)) throw invalidParam(`${target} is not a user id`)
  if (!memberships.includes(membership as Membership)) throw badJson('membership is missing or unknown')
  if (membership === 'invite') return inviteUser(server, sender, { roomId, target, content: more })
  if (membership === 'join' && target === sender.userId) {
    await joinRoom(server, sender, { roomIdOrAlias: roomId, content: more })
    const root = await server.rooms.root(await roomNumber(server, roomId))
    return (await stateEvent(server, root, ['m.room.member', target]))?.eventId ?? ''
  }
  return writeMember(server, sender, {
    roomId,
    target,
    membership: membership as Membership,
    content: more,
    keepsContent: true,
  })
}

async function checkAliases(
  server: Homeserver,
  { roomId, content }: LocalEvent & { stateKey: string },
): Promise<void> {
  const root = await server.rooms.root(await roomNumber(server, roomId))
  const current = await stateEvent(server, root, ['m.room.canonical_alias', ''])
  await checkCanonicalAlias(server, roomId, {
    given: aliasesIn(content),
    before: current ? aliasesIn(current.pdu.content) : [],
  })
}

function aliasesIn({ alias, alt_aliases: more }: JsonObject): string[] {
  if (alias !== undefined && alias !== null && typeof alias !== 'string')
    throw badJson('alias must be a string')
  if (more !== undefined && !Array.isArray(more)) throw badJson('alt_aliases must be a list')
  const named = [alias, ...((more as string[] | undefined) ?? [])].filter(
    (name) => name !== undefined && name !== null,
  )
  if (!named.every((name) => typeof name === 'string')) throw badJson('an alias must be a string')
  return named.filter((name) => name !== '') as string[]
}
