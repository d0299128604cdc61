import { own } from '@kith/spec/json'
import type { RoomRecord } from '../store/records.ts'
import { bodyOf } from '../timeline/body.ts'
import type { Person, Preview, RoomDetails, RoomEntry } from '../views.ts'
import { roomName } from './name.ts'
import { personIn } from './people.ts'
import { permissionsOf } from './permissions.ts'
import { isUnread } from './reduce-room.ts'
import { shownStanding } from './standing.ts'
import { stateText } from './state.ts'

export interface EntryContext {
  me: string
  /** By room: whom a direct chat is with. */
  partners: ReadonlyMap<string, string>
  muted: ReadonlySet<string>
  /** By room: how many of my messages failed. */
  failed: ReadonlyMap<string, number>
}

export function entryOf(room: RoomRecord, context: EntryContext): RoomEntry {
  const { roomId, membership, activity, messages, mentions, inviter } = room
  const partnerId = context.partners.get(roomId) ?? (room.isDirectInvite ? inviter : undefined)
  const partner = partnerId === undefined ? undefined : personIn(room, partnerId)
  const avatar = avatarOf(room, partner)
  const isMuted = context.muted.has(roomId)
  const last = previewOf(room, context.me)
  return {
    ...{ roomId, membership, activity, isMuted },
    name: roomName(room, context.me),
    ...(avatar !== undefined && { avatar }),
    ...(partner && { partner }),
    isSpace: own(room.state, 'm.room.create')?.content.type === 'm.space',
    isEncrypted: own(room.state, 'm.room.encryption') !== undefined,
    unread: { messages: isMuted ? 0 : messages, mentions, isUnread: isUnread(room) },
    ...(last && { last }),
    failed: context.failed.get(roomId) ?? 0,
    ...(inviter !== undefined && { inviter: personIn(room, inviter) }),
    ...(room.isDirectInvite && { isDirectInvite: true }),
  }
}

function avatarOf(room: RoomRecord, partner: Person | undefined): string | undefined {
  const url = stateText(room, 'm.room.avatar', 'url')
  return url?.startsWith('mxc://') ? url : partner?.avatar
}

function previewOf(room: RoomRecord, me: string): Preview | undefined {
  const { last } = room
  const body = last && bodyOf(last, { me, person: (userId) => personIn(room, userId) })
  if (!last || !body) return undefined
  return { sender: personIn(room, last.sender), isMine: last.sender === me, at: last.origin_server_ts, body }
}

export function detailsOf(room: RoomRecord, typing: Person[], context: EntryContext): RoomDetails {
  const alias = stateText(room, 'm.room.canonical_alias', 'alias')
  const standing = shownStanding(room, context.me)
  const successor = stateText(room, 'm.room.tombstone', 'replacement_room')
  return {
    entry: entryOf(room, context),
    topic: stateText(room, 'm.room.topic', 'topic') ?? '',
    joined: room.joined,
    invited: room.invited,
    isPublic: own(room.state, 'm.room.join_rules')?.content.join_rule === 'public',
    can: permissionsOf(room, context.me),
    typing,
    ...(alias !== undefined && { alias }),
    ...(standing && { standing }),
    ...(successor !== undefined && { successor }),
  }
}
