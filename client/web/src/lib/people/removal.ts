import type { Member, RoomDetails } from '../../../../core/views.ts'
import { core } from '../core.ts'
import { text } from '../i18n/language.svelte.ts'

export type Removal = 'kick' | 'ban' | 'unban'

interface About {
  member: Member
  details: RoomDetails
}

/** What it is called depends on how somebody is there: in the room, invited or asking. */
export function wordsOf(removal: Removal, { member, details }: About): { button: string; question: string } {
  const { name, membership } = member
  const { people } = text
  if (removal === 'ban') return { button: people.ban, question: people.askBan(name) }
  if (removal === 'unban') return { button: people.unban, question: people.askUnban(name) }
  if (membership === 'invite') return { button: people.withdrawInvite, question: people.askWithdraw(name) }
  if (membership === 'knock') return { button: people.refuse, question: people.askRefuse(name) }
  const question = details.isPublic ? people.askRemovePublic(name) : people.askRemove(name)
  return { button: people.remove, question }
}

export function carryOut(removal: Removal, { member, details }: About, reason: string): Promise<void> {
  const { roomId } = details.entry
  const why = reason.trim() === '' ? undefined : reason.trim()
  if (removal === 'unban') return core.commands.unban(roomId, member.userId)
  return core.commands[removal](roomId, member.userId, why)
}
