import type { EventItem, ItemBody } from '../../../../core/views.ts'
import { text } from '../i18n/language.svelte.ts'
import { nameList } from '../i18n/names.ts'
import { bodyText } from './body-text.ts'

type Membership = Extract<ItemBody, { kind: 'membership' }>

const mostNamed = 2

/** One line for a run of the same: "Ada, Bo and 3 others joined". */
export function noticeText(items: readonly EventItem[]): string {
  const [first] = items
  if (!first) return ''
  const bodies = items
    .map(({ body }) => body)
    .filter((body): body is Membership => body.kind === 'membership')
  const change = bodies[0]?.change
  if (bodies.length < 2 || change === undefined) return bodyText(first.body, first)
  const { membership, youToo } = text.timeline
  const inviter = first.isMine ? text.common.you : first.sender.name
  return change === 'invited'
    ? membership.invited(inviter, people(bodies, youToo))
    : membership[change](people(bodies, text.common.you), '')
}

/** Each once, me first. */
function people(bodies: readonly Membership[], me: string): string {
  const names = new Map(
    bodies.map(({ target, isTargetMe }) => [target.userId, isTargetMe ? me : target.name]),
  )
  const mine = bodies.find(({ isTargetMe }) => isTargetMe)?.target.userId
  const sorted = [...names].sort(([one], [other]) => Number(other === mine) - Number(one === mine))
  const named = sorted.slice(0, mostNamed).map(([, name]) => name)
  const more = sorted.length - named.length
  return nameList(more > 0 ? [...named, text.rooms.others(more)] : named)
}
