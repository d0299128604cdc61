/** The rooms of one look: each by what the reader is to it. */
import type { Member } from '../../storage/members.ts'
import { joinedSince } from '../push/unread.ts'
import type { Changes } from './changes.ts'
import { isDamage } from './damage.ts'
import { type OutsideRoom, outsideRoom } from './invited-room.ts'
import { type JoinedRoom, joinedRoom } from './joined-room.ts'
import { type LeftRoom, leftRoom } from './left-room.ts'
import type { SyncContext } from './sync-context.ts'
import { afterPosition } from './tokens.ts'

export interface Rooms {
  joined: JoinedRoom[]
  outside: OutsideRoom[]
  left: LeftRoom[]
}

/** How many rooms are read at a time. */
const atOnce = 16

/** @param changes undefined in an initial sync */
export async function roomsOf(context: SyncContext, changes: Changes | undefined): Promise<Rooms> {
  const rooms: Rooms = { joined: [], outside: [], left: [] }
  const due = await filtered(context, context.members.filter(isDue(context, changes)))
  const queue = due.values()
  const work = async () => {
    for (const member of queue) await addRoom(context, { member, changes, rooms })
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, due.length) }, work))
  return rooms
}

async function filtered({ server, request }: SyncContext, members: readonly Member[]): Promise<Member[]> {
  const names = await server.interning.rooms.names(
    server.database,
    members.map(({ room }) => room),
  )
  return members.filter(({ room }) => {
    const roomId = names.get(room)
    return (
      roomId !== undefined && request.filter.passesRoom(roomId) && request.filter.timeline.passesRoom(roomId)
    )
  })
}

/** Whether a room may have something to tell. */
function isDue({ since, request, server, ephemeralSince }: SyncContext, changes: Changes | undefined) {
  return ({ room, membership, position, forgotten }: Member): boolean => {
    const isNew = since !== undefined && position > since
    switch (membership) {
      case 'join':
        return (
          !changes ||
          request.fullState ||
          changes.rooms.has(room) ||
          server.views.typing.hasChanged(room, ephemeralSince)
        )
      case 'invite':
      case 'knock':
        return !changes || request.fullState || isNew
      default:
        return isNew || (since === undefined && request.filter.includeLeave && !forgotten)
    }
  }
}

interface Adding {
  member: Member
  changes: Changes | undefined
  rooms: Rooms
}

async function addRoom(context: SyncContext, { member, changes, rooms }: Adding): Promise<void> {
  try {
    if (member.membership === 'join') push(rooms.joined, await joined(context, member, changes))
    else if (member.membership === 'invite' || member.membership === 'knock')
      push(rooms.outside, await outsideRoom(context, member))
    else push(rooms.left, await leftRoom(context, member))
  } catch (error) {
    if (!isDamage(error)) throw error
    context.server.logger.error({ err: error, room: member.room }, 'a room could not be read')
    if (member.membership === 'join') rooms.joined.push(emptyRoom(context, member))
  }
}

function push<T>(list: T[], item: T | undefined): void {
  if (item !== undefined) list.push(item)
}

async function joined(
  context: SyncContext,
  member: Member,
  changes: Changes | undefined,
): Promise<JoinedRoom | undefined> {
  const { since, server, reader } = context
  const moved = since === undefined || member.position > since
  const isFresh = since === undefined || (moved && (await joinedSince(server, reader, member)) > since)
  // Typing alone: nothing of the log.
  const change = changes?.rooms.get(member.room) ?? (context.request.fullState ? undefined : { rows: [] })
  return joinedRoom(context, { member, isFresh, change })
}

/** In place of a room that can't be read: the client may try by pagination. */
function emptyRoom({ until }: SyncContext, member: Member): JoinedRoom {
  return {
    member,
    timeline: [],
    limited: true,
    prevBatch: afterPosition(until),
    state: [],
    summary: undefined,
    ephemeral: [],
    accountData: [],
  }
}
