import type { Member } from '../../../../core/views.ts'
import { language } from '../i18n/language.svelte.ts'

export type MemberGroup = 'administrators' | 'moderators' | 'others' | 'asking' | 'invited' | 'banned'

export type MemberRow =
  | { kind: 'heading'; group: MemberGroup; count: number }
  | { kind: 'member'; member: Member }

const order: MemberGroup[] = ['asking', 'administrators', 'moderators', 'others', 'invited', 'banned']

export type Role = 'administrator' | 'moderator' | 'member'

export function roleOf({ power }: Pick<Member, 'power'>): Role {
  if (power >= 100) return 'administrator'
  return power >= 50 ? 'moderator' : 'member'
}

interface Source {
  members: ReadonlyMap<string, Member> | undefined
  /** Those who asked to join are shown to those who may let them in, the banned ones to those who may unban. */
  showsAsking: boolean
  showsBanned: boolean
}

/** The people of a room in groups, each by name, and those among them whom somebody looks for. */
export class MemberList {
  typed = $state('')
  readonly #groups: Map<MemberGroup, Member[]>
  readonly rows: MemberRow[]

  constructor(source: () => Source) {
    this.#groups = $derived(grouped(source()))
    this.rows = $derived(rowsOf(this.#groups, this.typed.trim().toLocaleLowerCase()))
  }

  get isEmpty(): boolean {
    return this.rows.length === 0
  }
}

function grouped({ members, showsAsking, showsBanned }: Source): Map<MemberGroup, Member[]> {
  const groups = new Map<MemberGroup, Member[]>(order.map((group) => [group, []]))
  for (const member of members?.values() ?? []) {
    const group = groupOf(member)
    if (group === undefined || (group === 'banned' && !showsBanned)) continue
    if (group === 'asking' && !showsAsking) continue
    groups.get(group)?.push(member)
  }
  const { compare } = new Intl.Collator(language.tag, { numeric: true })
  for (const group of groups.values()) group.sort((one, other) => compare(one.name, other.name))
  return groups
}

function groupOf(member: Member): MemberGroup | undefined {
  switch (member.membership) {
    case 'join':
      return ({ administrator: 'administrators', moderator: 'moderators', member: 'others' } as const)[
        roleOf(member)
      ]
    case 'invite':
      return 'invited'
    case 'knock':
      return 'asking'
    case 'ban':
      return 'banned'
    default:
      return undefined
  }
}

function rowsOf(groups: ReadonlyMap<MemberGroup, Member[]>, wanted: string): MemberRow[] {
  return order.flatMap((group) => {
    const found = (groups.get(group) ?? []).filter((member) => wanted === '' || isCalled(member, wanted))
    const rows = found.map((member): MemberRow => ({ kind: 'member', member }))
    return rows.length === 0 ? [] : [{ kind: 'heading', group, count: rows.length }, ...rows]
  })
}

/** @param wanted in lower case */
export function isCalled({ name, userId }: Pick<Member, 'name' | 'userId'>, wanted: string): boolean {
  return name.toLocaleLowerCase().includes(wanted) || userId.toLowerCase().includes(wanted)
}
