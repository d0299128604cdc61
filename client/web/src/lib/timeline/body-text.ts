import type { ItemBody, Person } from '../../../../core/views.ts'
import { text } from '../i18n/language.svelte.ts'

type Of<Kind extends ItemBody['kind']> = Extract<ItemBody, { kind: Kind }>

export interface By {
  sender: Person
  isMine?: boolean
}

/** Much more than any line shows, so that a very long message costs nothing. */
const longest = 500

/**
 * A message or a change in one line of plain text. What somebody did names them ("Ada joined", "You left"); what
 * somebody said does not, as it stands beside the sender. See `previewText`.
 */
export function bodyText(body: ItemBody, by: By): string {
  return oneLine(textOf(body, by))
}

/** The same, with the sender before what was said: "Ada: hello", "You: hello". */
export function previewText(body: ItemBody, by: By): string {
  const line = bodyText(body, by)
  return isSaid(body) ? text.timeline.said(doer(by), line) : line
}

function isSaid({ kind }: ItemBody): boolean {
  return ['text', 'notice', 'media', 'sticker', 'location', 'encrypted', 'unknown'].includes(kind)
}

function oneLine(of: string): string {
  return of.slice(0, longest).replace(/\s+/g, ' ').trim()
}

function textOf(body: ItemBody, by: By): string {
  const { timeline } = text
  switch (body.kind) {
    case 'text':
    case 'notice':
      return body.text
    case 'emote':
      return `${by.sender.name} ${body.text}`
    case 'media':
      return timeline.media[body.media](body.name)
    case 'sticker':
      return timeline.sticker(body.name)
    case 'location':
      return timeline.location
    case 'redacted':
      return timeline.redacted
    case 'encrypted':
      return timeline.encrypted
    case 'unknown':
      return body.text || timeline.unknownKind
    default:
      return changeText(body, by)
  }
}

type Change = Of<
  | 'membership'
  | 'profile'
  | 'created'
  | 'room-name'
  | 'room-topic'
  | 'room-avatar'
  | 'encryption-on'
  | 'upgraded'
>

function changeText(body: Change, by: By): string {
  const { changes } = text.timeline
  switch (body.kind) {
    case 'membership':
      return membershipText(body, by)
    case 'profile':
      return profileText(body, by)
    case 'room-name':
      return body.text ? changes.named(doer(by), body.text) : changes.unnamed(doer(by))
    case 'room-topic':
      return body.text ? changes.topic(doer(by), body.text) : changes.noTopic(doer(by))
    default:
      return changes[body.kind](doer(by))
  }
}

function membershipText({ change, target, isTargetMe, reason }: Of<'membership'>, by: By): string {
  const { membership, because, youToo } = text.timeline
  // Of those who have left, only the target's name is still told.
  const who = target.userId === by.sender.userId ? doer({ ...by, sender: target }) : doer(by)
  const line = membership[change](who, isTargetMe ? youToo : target.name)
  return reason ? because(line, reason) : line
}

/** A new name is told as theirs who had the old one, since everything else already shows the new one. */
function profileText({ nameBefore, nameAfter, hasNewAvatar }: Of<'profile'>, by: By): string {
  const { changes } = text.timeline
  if (nameBefore === nameAfter && hasNewAvatar) return changes.picture(doer(by))
  const who = by.isMine ? text.common.you : (nameBefore ?? by.sender.name)
  return nameAfter ? changes.renamed(who, nameAfter) : changes.nameless(who)
}

function doer({ sender, isMine }: By): string {
  return isMine ? text.common.you : sender.name
}
