/** A room as another server hands it over on a join: its state and auth chain, and our own join on top. */

import { MatrixError } from '@kith/spec/errors'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { prevEventIds } from '@kith/spec/events/references'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { setRoomVersion } from '../../storage/heads.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import { storeStateRows } from '../../storage/states.ts'
import { type StoredEvent, standings } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { checkedByAuth } from './auth-chain.ts'
import { eventChange } from './changes.ts'
import { emptyHead, type Head } from './head.ts'
import { authorizeByState } from './judge.ts'
import { memberChangesBetween } from './member-changes.ts'
import { pduBytes } from './pdu-bytes.ts'
import type { Draft } from './rooms.ts'
import type { EditedState } from './state-store.ts'
import { blankEvent, storeOutliers, userOf } from './stored.ts'

export interface HandedRoom {
  roomId: string
  rules: RoomVersionRules
  /** Ours, perhaps signed by the server that vouched for it too. */
  join: RoomEvent
  /** The state before the join; signatures and hashes checked. */
  state: readonly RoomEvent[]
  authChain: readonly RoomEvent[]
}

/** @throws MatrixError M_FORBIDDEN when the state handed over doesn't allow our join */
export async function installRoom(server: Homeserver, handed: HandedRoom): Promise<RoomNumber> {
  const { roomId, rules } = handed
  const room = await server.interning.rooms.number(server.database, roomId)
  await setRoomVersion(server.database, room, rules.version)
  const before = await installState(server, room, handed)
  await server.rooms.write(room, (head) =>
    joined(server, { head: head ?? emptyHead(room, roomId, rules), before, handed }),
  )
  return room
}

/** Stores a state fetched whole, with its auth chain, as outliers; what the auth rules reject is left out. */
export async function installState(
  server: Homeserver,
  room: RoomNumber,
  { rules, state, authChain }: Pick<HandedRoom, 'rules' | 'state' | 'authChain'>,
): Promise<EditedState> {
  const sound = await checkedByAuth(server, rules, [...authChain, ...state])
  const stored = await storeOutliers(server, { room, rules }, [...sound.values()])
  const entries = new Map<number, number>()
  for (const { eventId } of state) {
    const event = stored.get(eventId)
    if (event?.standing === standings.rejected) continue
    if (event?.stateKey !== undefined) entries.set(event.stateKey, event.number)
  }
  const edited = await server.states.write(await server.rooms.root(room), entries)
  await storeStateRows(server.database, room, edited.rows)
  return { root: edited.root, rows: [] }
}

interface Joining {
  head: Head
  before: EditedState
  handed: HandedRoom
}

async function joined(server: Homeserver, { head, before, handed }: Joining): Promise<Draft<undefined>> {
  const { join } = handed
  const refusal = await authorizeByState(server, { head, event: join, root: before.root })
  if (refusal) throw new MatrixError('M_FORBIDDEN', `the room's state does not allow the join: ${refusal}`)
  const held = await server.events.one(join.eventId)
  const blank = await blankEvent(server, { event: join, room: head.room, rules: head.rules, held })
  const after = await server.states.edit(before.root, new Map([[blank.stateKey as number, blank.number]]))
  const event: StoredEvent = { ...blank, rootBefore: before.root, rootAfter: after.root }
  // The states that are compared below find it there.
  server.events.put(event)
  const known = await server.events.byId(prevEventIds(join.pdu))
  const change = {
    event,
    pdu: pduBytes(join.pdu),
    joins: [...head.extremities.keys()],
    extremity: true,
    missing: [...new Set(prevEventIds(join.pdu))].filter((id) => known.get(id)?.place === undefined),
    fillsGap: false,
    stateRows: after.rows,
    currentRoot: after.root,
    members: await memberChangesBetween(server, head.root, after.root),
    personal: [],
    target: await userOf(server, join.pdu),
  }
  return {
    result: undefined,
    changes: [eventChange(change)],
    head: { ...head, root: after.root, extremities: new Map([[event.number, event]]) },
    events: [event],
    missing: change.missing,
  }
}
