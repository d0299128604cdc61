import type { ClientEvent } from '@kith/spec/api/schemas'
import { isObject, type JsonObject } from '@kith/spec/json'
import { membershipOf } from '../rooms/state.ts'
import type { ItemBody, MembershipChange, Person } from '../views.ts'
import { isRedacted, replyTarget } from './relations.ts'

export interface BodyContext {
  me: string
  person(userId: string): Person
}

/** What an event says; undefined for one that is not shown: a reaction, an edit, a change nobody reads about. */
export function bodyOf(event: ClientEvent, context: BodyContext): ItemBody | undefined {
  if (event.state_key !== undefined) return stateBody(event, context)
  if (isRedacted(event)) return event.type === 'm.reaction' ? undefined : redactedBody(event, context)
  switch (event.type) {
    case 'm.room.message':
      return messageBody(event.content)
    case 'm.sticker':
      return { kind: 'sticker', name: text(event.content.body), ...mxc(event.content.url) }
    case 'm.room.encrypted':
      return { kind: 'encrypted' }
    default:
      return undefined
  }
}

/** The redaction is bundled whole, or by some servers only named. */
function redactedBody(event: ClientEvent, { me, person }: BodyContext): ItemBody {
  const because = event.unsigned?.redacted_because
  const by = isObject(because) && typeof because.sender === 'string' ? because.sender : undefined
  return { kind: 'redacted', isByMe: by === me, ...(by !== undefined && { by: person(by) }) }
}

export function messageBody(content: JsonObject): ItemBody {
  const body = text(content.body)
  switch (content.msgtype) {
    case 'm.text':
    case 'm.notice':
    case 'm.emote':
      return formatted(content, content.msgtype)
    case 'm.image':
    case 'm.video':
    case 'm.audio':
    case 'm.file':
      return mediaBody(content, content.msgtype)
    case 'm.location':
      return { kind: 'location', text: body, uri: text(content.geo_uri) }
    default:
      return { kind: 'unknown', text: body }
  }
}

const kinds = { 'm.text': 'text', 'm.notice': 'notice', 'm.emote': 'emote' } as const
const media = { 'm.image': 'image', 'm.video': 'video', 'm.audio': 'audio', 'm.file': 'file' } as const

function formatted(content: JsonObject, msgtype: keyof typeof kinds): ItemBody {
  const isReply = replyTarget(content) !== undefined
  const html = content.format === 'org.matrix.custom.html' ? text(content.formatted_body) : ''
  const shown = isReply ? html.replace(/^\s*<mx-reply>[\s\S]*?<\/mx-reply>/i, '') : html
  return {
    kind: kinds[msgtype],
    text: isReply ? withoutQuote(text(content.body)) : text(content.body),
    ...(shown !== '' && { html: shown }),
  }
}

/** Removes the quotation that clients put before a reply until v1.13. Source: "Rich replies". */
function withoutQuote(body: string): string {
  if (!body.startsWith('> <')) return body
  const lines = body.split('\n')
  const first = lines.findIndex((line) => !line.startsWith('>'))
  return first < 0 ? body : lines.slice(lines[first] === '' ? first + 1 : first).join('\n')
}

function mediaBody(content: JsonObject, msgtype: keyof typeof media): ItemBody {
  const { size } = isObject(content.info) ? content.info : {}
  return {
    kind: 'media',
    media: media[msgtype],
    name: text(content.filename) || text(content.body),
    ...mxc(content.url),
    ...(typeof size === 'number' && { bytes: size }),
  }
}

function mxc(url: unknown): { url?: string } {
  return typeof url === 'string' && url.startsWith('mxc://') ? { url } : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function stateBody(event: ClientEvent, context: BodyContext): ItemBody | undefined {
  switch (event.type) {
    case 'm.room.member':
      return memberBody(event, context)
    case 'm.room.create':
      return { kind: 'created' }
    case 'm.room.name':
      return { kind: 'room-name', text: text(event.content.name) }
    case 'm.room.topic':
      return { kind: 'room-topic', text: text(event.content.topic) }
    case 'm.room.avatar':
      return { kind: 'room-avatar' }
    case 'm.room.encryption':
      return { kind: 'encryption-on' }
    case 'm.room.tombstone':
      return { kind: 'upgraded' }
    default:
      return undefined
  }
}

function memberBody(event: ClientEvent, { me, person }: BodyContext): ItemBody | undefined {
  const { prev_content: found } = event.unsigned ?? {}
  const before = isObject(found) ? found : {}
  const userId = event.state_key ?? ''
  if (before.membership === event.content.membership) return profileBody(before, event.content)
  const change = changeOf(event, text(before.membership))
  if (change === undefined) return undefined
  const reason = text(event.content.reason)
  // The member event of somebody who left has no name; the one before has.
  const named = typeof before.displayname === 'string' ? before.displayname.trim() : ''
  const known = person(userId)
  const target = change !== 'joined' && named !== '' ? { ...known, name: named } : known
  return { kind: 'membership', change, target, isTargetMe: userId === me, ...(reason !== '' && { reason }) }
}

function profileBody(before: JsonObject, after: JsonObject): ItemBody | undefined {
  const [nameBefore, nameAfter] = [text(before.displayname), text(after.displayname)]
  const hasNewAvatar = text(before.avatar_url) !== text(after.avatar_url)
  if (nameBefore === nameAfter && !hasNewAvatar) return undefined
  return {
    kind: 'profile',
    hasNewAvatar,
    ...(nameBefore !== nameAfter && nameBefore !== '' && { nameBefore }),
    ...(nameBefore !== nameAfter && nameAfter !== '' && { nameAfter }),
  }
}

/** What became of somebody's membership. @param before what it was; empty: unknown */
export function changeOf(event: ClientEvent, before: string): MembershipChange | undefined {
  const isOwn = event.sender === event.state_key
  switch (membershipOf(event)) {
    case 'join':
      return 'joined'
    case 'invite':
      return 'invited'
    case 'knock':
      return 'knocked'
    case 'ban':
      return 'banned'
    case 'leave':
      if (before === 'ban') return 'unbanned'
      if (before === 'invite') return isOwn ? 'invite-declined' : 'invite-withdrawn'
      return isOwn ? 'left' : 'kicked'
    default:
      return undefined
  }
}
