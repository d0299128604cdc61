// What happens on forks of a room: people come and go, moderators act, and powers change hands.
import {
  type Branch,
  creator,
  entry,
  fork,
  joinRule,
  levelsBy,
  member,
  moderation,
  moderators,
  send,
  topic,
  user,
} from './forked-room.ts'

interface Conflict {
  forks: number
  /** Entries on which the forks differ. */
  conflicts: number
}

/** So many branches of a room that differ in so many entries: power levels, join rules, a topic, and members. */
export function forksOf(base: Branch, { forks, conflicts }: Conflict): Branch[] {
  const branches = Array.from({ length: forks }, (_, index) => {
    const branch = fork(base)
    branch.timeMs += index
    return branch
  })
  const users = conflicts - 3
  for (const [index, branch] of branches.entries()) struggle(branch, index)
  for (let one = 0; one < users; one++) {
    const target = one % 4 === 0 ? `@newcomer${one}:c.test` : user(one)
    actOn(branches[one % forks] as Branch, target, one)
    if (one % 5 === 0) actOn(branches[(one + 1) % forks] as Branch, target, one + 1)
    if (one % 400 === 399) for (const [index, branch] of branches.entries()) struggle(branch, index + one)
  }
  return branches
}

/** On every other fork somebody's powers change; on some an admin falls, whose bans elsewhere then count for nothing. */
function struggle(branch: Branch, index: number): void {
  const [moderator, other] = [moderators[index % 12] as string, moderators[(index + 5) % 12] as string]
  if (index % 2 === 0) {
    send(branch, levelsBy(branch, creator, { [moderator]: index % 4 === 0 ? 0 : 60, [other]: 55 }))
    send(branch, levelsBy(branch, creator, { [other]: 70 }))
  }
  if (index % 3 !== 2) {
    send(branch, joinRule(creator, 'invite'))
    send(branch, joinRule(creator, index % 6 === 0 ? 'knock' : 'public'))
    send(branch, joinRule(creator, 'public'))
  }
  send(branch, topic(creator, `Topic of fork ${index}`))
}

/** Something happens to a user; where that is not allowed, something else. */
function actOn(branch: Branch, target: string, turn: number): void {
  const moderator = moderators[turn % 12] as string
  const isIn = entry(branch, 'm.room.member', target)?.pdu.content.membership === 'join'
  if (!isIn) {
    send(branch, member(target, 'join', { displayname: 'New here' }))
    if (turn % 8 === 0) send(branch, moderation(moderator, target, 'ban'))
    return
  }
  const drafts = [
    moderation(moderator, target, 'ban'),
    member(target, 'leave'),
    moderation(moderator, target, 'leave'),
    member(target, 'join', { displayname: `User ${turn}` }),
  ]
  const draft = drafts[turn % 4] as (typeof drafts)[number]
  if (!send(branch, draft)) send(branch, member(target, 'join', { displayname: `Still here ${turn}` }))
  if (turn % 8 === 1) send(branch, member(target, 'join', { displayname: 'Back' }))
}
