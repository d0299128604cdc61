/** One look at everything that is new to a reader, as the body of an answer. */
import type { JsonObject } from '@kith/spec/json'
import { accountDataAfter, noRoom } from '../../storage/account-data.ts'
import { shownAccountData } from '../account-data/shown.ts'
import { type Unread, unreadOf } from '../push/unread.ts'
import type { Count } from '../push/unread-view.ts'
import { changesSince } from './changes.ts'
import { encodeEvents, encodeList, encodePlain } from './encode.ts'
import type { JoinedRoom } from './joined-room.ts'
import type { LeftRoom } from './left-room.ts'
import { roomsOf } from './rooms.ts'
import type { SyncContext } from './sync-context.ts'
import { placeToken, syncToken } from './tokens.ts'

export interface Look {
  /** Whether there is nothing to tell. */
  isEmpty: boolean
  /** JSON. */
  body: string
}

export async function look(context: SyncContext): Promise<Look> {
  const { since, until, ephemeralUntil } = context
  const changes = since === undefined ? undefined : await changesSince(context, since)
  const [{ joined, outside, left }, accountData] = await Promise.all([
    roomsOf(context, changes),
    changes?.accountData === false ? [] : globalAccountData(context),
  ])
  const unread = await unreadOf(context.server, context.reader, {
    members: joined.map((room) => room.member),
    until,
  })
  const join = await Promise.all(
    joined.map((room) => encodeJoined(context, room, unread.get(room.member.room))),
  )
  const from = (membership: 'invite' | 'knock') =>
    outside
      .filter((room) => room.membership === membership)
      .map(
        ({ roomId, state }) =>
          `${JSON.stringify(roomId)}:{${encodeList(`${membership}_state`, encodePlain(state))}}`,
      )
  const leave = left.map((room) => encodeLeft(context, room))
  const body = [
    `"next_batch":${JSON.stringify(syncToken({ position: until, ephemeral: ephemeralUntil }))}`,
    encodeList('account_data', encodePlain(accountData)),
    encodeList('presence', ''),
    encodeList('to_device', ''),
    '"device_lists":{"changed":[],"left":[]},"device_one_time_keys_count":{},"device_unused_fallback_key_types":[]',
    `"rooms":{"join":{${join}},"invite":{${from('invite')}},"knock":{${from('knock')}},"leave":{${leave}}}`,
  ]
  const isEmpty = joined.length + outside.length + left.length + accountData.length === 0
  return { isEmpty, body: `{${body.join(',')}}` }
}

async function globalAccountData(context: SyncContext): Promise<JsonObject[]> {
  const { server, reader, since, until, request } = context
  const stored = await accountDataAfter(server.database, reader.user, since ?? 0)
  const entries = stored.filter(({ room, position }) => room === noRoom && position <= until)
  const shown = shownAccountData(reader.userId, entries, since === undefined)
  return shown.filter(({ type }) => request.filter.accountData.passesType(type as string))
}

async function encodeJoined(
  context: SyncContext,
  room: JoinedRoom,
  unread: Unread | undefined,
): Promise<string> {
  const { server, request } = context
  const roomId = await server.interning.rooms.name(server.database, room.member.room)
  const parts = [
    ...encodeEventParts(context, room),
    encodeList('ephemeral', encodePlain(room.ephemeral)),
    encodeList('account_data', encodePlain(room.accountData)),
  ]
  if (room.summary) parts.push(`"summary":${JSON.stringify(room.summary)}`)
  if (unread) parts.push(...encodeUnread(unread, request.filter.timeline.unreadThreadNotifications))
  return `${JSON.stringify(roomId)}:{${parts}}`
}

function encodeLeft(context: SyncContext, room: LeftRoom): string {
  const parts = [...encodeEventParts(context, room), encodeList('account_data', '')]
  return `${JSON.stringify(room.roomId)}:{${parts}}`
}

const stateNames = { no: 'state', stable: 'state_after', unstable: 'org.matrix.msc4222.state_after' }

function encodeEventParts({ request }: SyncContext, room: JoinedRoom | LeftRoom): string[] {
  const { timeline, limited, prevBatch, state } = room
  const events = encodeEvents(request.filter, timeline)
  const from = prevBatch ? `,"prev_batch":${JSON.stringify(placeToken(prevBatch))}` : ''
  return [
    `"timeline":{"events":[${events}],"limited":${limited}${from}}`,
    encodeList(stateNames[request.stateAfter], encodeEvents(request.filter, state)),
  ]
}

function encodeUnread({ total, main, threads }: Unread, byThread: boolean): string[] {
  const counts = ({ notifications, highlights }: Count) =>
    `{"notification_count":${notifications},"highlight_count":${highlights}}`
  if (!byThread) return [`"unread_notifications":${counts(total)}`]
  const each = [...threads].map(([thread, count]) => `${JSON.stringify(thread)}:${counts(count)}`)
  return [`"unread_notifications":${counts(main)}`, `"unread_thread_notifications":{${each}}`]
}
