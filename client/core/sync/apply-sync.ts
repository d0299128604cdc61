import type { BareEvent } from '@kith/spec/api/schemas'
import type { SyncResponse } from '@kith/spec/api/sync'
import { commit, type Model } from '../model.ts'
import { cameBack, roomOutbox } from '../outbox/outbox.ts'
import type { Reduction, RoomChange } from '../rooms/change.ts'
import { reduceInvite } from '../rooms/reduce-invite.ts'
import { peopleOf, reduceRoom } from '../rooms/reduce-room.ts'
import { showDetails, showMembers, showRooms, showTimeline } from '../show.ts'
import type { StoredAccountData } from '../store/records.ts'
import { putEvents, setMembers } from '../timeline/room-view.ts'

/**
 * Stores a sync with its token, in one transaction, and shows it.
 *
 * @param now milliseconds since 1970
 * @returns rooms whose timeline got a gap
 */
export async function applySync(model: Model, body: SyncResponse, now: number): Promise<string[]> {
  return model.turn(async () => {
    // Signed out meanwhile.
    if (!model.session) return []
    const accountData = (body.account_data?.events ?? []).map(ofAccount)
    const context = reduction(model, now)
    const changes = await reduceAll(context, model, body)
    const gapped = changes.filter(({ record }) => hasNewGap(model, record.roomId, record.gaps.length))
    const sent = changes.flatMap((change) => echoedBy(model, change, gapped.includes(change)))
    await commit(model, {
      token: body.next_batch,
      rooms: changes.map(({ record }) => record),
      events: changes.flatMap(({ events }) => events),
      state: changes.flatMap(({ state }) => state),
      receipts: changes.flatMap(({ receipts }) => receipts),
      accountData: [...accountData, ...changes.flatMap((change) => change.accountData)],
      ...(sent.length > 0 && { sent }),
    })
    const renamed = accountData.some(({ type }) => type === 'm.direct') ? await namePartners(model) : []
    const all = accountData.length > 0
    for (const change of changes) showChange(model, change)
    showRooms(model, all ? model.rooms.keys() : [...changes.map(({ record }) => record.roomId), ...renamed])
    return gapped.map(({ record }) => record.roomId)
  })
}

function ofAccount({ type, content }: BareEvent): StoredAccountData {
  return { roomId: '', type, content }
}

export function reduction(model: Model, now: number): Reduction {
  const txnIds = new Map<string, string>()
  for (const { eventId, txnId } of model.outbox.values())
    if (eventId !== undefined) txnIds.set(eventId, txnId)
  return {
    me: model.entries.me,
    now,
    store: model.store,
    txnIdOf: (eventId) => txnIds.get(eventId),
    partnerOf: (roomId) => model.entries.partners.get(roomId),
  }
}

async function reduceAll(
  context: Reduction,
  model: Model,
  { rooms = {} }: SyncResponse,
): Promise<RoomChange[]> {
  const changes: RoomChange[] = []
  for (const section of ['join', 'leave'] as const) {
    for (const [roomId, body] of Object.entries(rooms[section] ?? {})) {
      changes.push(await reduceRoom(context, model.rooms.get(roomId), { roomId, body, section }))
    }
  }
  for (const [roomId, body] of Object.entries(rooms.invite ?? {})) {
    const invite = { roomId, events: body.invite_state.events, membership: 'invite' } as const
    changes.push(await reduceInvite(context, model.rooms.get(roomId), invite))
  }
  for (const [roomId, body] of Object.entries(rooms.knock ?? {})) {
    const knock = { roomId, events: body.knock_state.events, membership: 'knock' } as const
    changes.push(await reduceInvite(context, model.rooms.get(roomId), knock))
  }
  return changes
}

function hasNewGap(model: Model, roomId: string, gaps: number): boolean {
  const before = model.rooms.get(roomId)
  return before !== undefined && gaps > before.gaps.length
}

/**
 * What the outbox need not hold any longer: what has come back, and, where a gap opened, what the server has: it came
 * back into the gap.
 */
function echoedBy(model: Model, { record, events }: RoomChange, hasGap: boolean): string[] {
  const missed = hasGap ? roomOutbox(model, record.roomId).filter(({ state }) => state === 'sent') : []
  return [...cameBack(model, record.roomId, events), ...missed.map(({ txnId }) => txnId)]
}

/** Direct chats are named in the list after people who may not have been named there before. */
async function namePartners(model: Model): Promise<string[]> {
  const { partners } = model.entries
  const unnamed = [...partners.keys()].flatMap((roomId) => {
    const room = model.rooms.get(roomId)
    const partner = partners.get(roomId)
    return room && partner !== undefined && !Object.hasOwn(room.people, partner) ? [room] : []
  })
  const context = { store: model.store, partnerOf: (roomId: string) => partners.get(roomId) }
  const rooms = await Promise.all(
    unnamed.map(async (room) => ({ ...room, people: await peopleOf(context, room, []) })),
  )
  if (rooms.length > 0) await commit(model, { rooms })
  return rooms.map(({ roomId }) => roomId)
}

function showChange(model: Model, change: RoomChange): void {
  const { roomId } = change.record
  if (change.typing) model.typing.set(roomId, change.typing)
  const view = model.views.get(roomId)
  if (!view) return
  const hasTimeline = change.events.length > 0 || change.receipts.length > 0
  putEvents(view, change.events)
  for (const receipt of change.receipts) view.receipts.set(receipt.userId, receipt)
  const members = change.state.filter(({ type }) => type === 'm.room.member')
  const hasLevels = change.state.some(({ type }) => type === 'm.room.power_levels')
  if (members.length > 0) setMembers(view, members)
  // Names and abilities are part of every item.
  if (members.length > 0 || hasLevels) view.built.clear()
  if (hasTimeline || members.length > 0 || hasLevels) showTimeline(model, view)
  showMembers(model, view, hasLevels ? view.members.keys() : members.map(({ stateKey }) => stateKey))
}

/** Typing lasts no longer than the connection that tells of it. */
export function clearTyping(model: Model): void {
  const rooms = [...model.typing.keys()]
  model.typing.clear()
  for (const roomId of rooms) showDetails(model, roomId)
}
