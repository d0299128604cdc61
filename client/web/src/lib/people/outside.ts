import type { RoomDetails, RoomEntry, Standing } from '../../../../core/views.ts'
import { text } from '../i18n/language.svelte.ts'
import { roomName } from '../rooms/room-name.ts'

export type OutsideAction = 'accept' | 'decline' | 'withdraw' | 'join'

/** What somebody outside a room is told, and can do. */
export interface Outside {
  title: string
  lines: string[]
  /** The first one is what most will want. */
  actions: { does: OutsideAction; label: string }[]
}

/** @param roomId its ID or address */
export function outsideOf(roomId: string, entry?: RoomEntry, details?: RoomDetails): Outside {
  const { people } = text
  if (!entry) return unknown(roomId)
  const title = roomName(entry.name)
  const reason = details?.standing?.reason
  const why = reason === undefined ? [] : [people.theReason(reason)]
  if (entry.membership === 'invite') return invited(title, entry, why)
  if (entry.membership === 'knock') {
    const actions = [{ does: 'withdraw', label: people.withdraw } as const]
    return { title, lines: [people.knocked, people.knockWaits], actions }
  }
  const lines = [outcome(details?.standing), ...why]
  if (entry.membership === 'ban') return { title, lines: [...lines, people.bannedHint], actions: [] }
  if (!details?.isPublic) return { title, lines: [...lines, people.needsInvitation], actions: [] }
  return { title, lines, actions: [{ does: 'join', label: people.joinAgain }] }
}

function unknown(roomId: string): Outside {
  const { people } = text
  return {
    title: roomId.startsWith('#') ? roomId : people.unknownRoom,
    lines: [people.unknownHint],
    actions: [{ does: 'join', label: people.join }],
  }
}

function invited(title: string, { inviter, isDirectInvite }: RoomEntry, why: string[]): Outside {
  const { people } = text
  const by = inviter
    ? isDirectInvite
      ? people.invitedToChat(inviter.name)
      : people.invitedBy(inviter.name)
    : people.invitedBySomebody
  return {
    title,
    lines: [by, ...why],
    actions: [
      { does: 'accept', label: people.accept },
      { does: 'decline', label: people.decline },
    ],
  }
}

function outcome(standing: Standing | undefined): string {
  const { outcomes } = text.people
  if (!standing) return outcomes.outside
  const { change, by } = standing
  switch (change) {
    case 'left':
      return outcomes.left
    case 'invite-declined':
      return outcomes.declined
    case 'invite-withdrawn':
      return outcomes.withdrawn(by.name)
    case 'kicked':
      return outcomes.kicked(by.name)
    case 'banned':
      return outcomes.banned(by.name)
    case 'unbanned':
      return outcomes.unbanned(by.name)
    default:
      return outcomes.outside
  }
}
