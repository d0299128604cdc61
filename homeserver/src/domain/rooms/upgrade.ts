/** A room is replaced by one of another version. Source: client-server API, "Room Upgrades", "Server behaviour". */
import { forbidden, MatrixError } from '@kith/spec/errors'
import type { JsonObject } from '@kith/spec/json'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import { aliasesOfRoom, isPublished, moveAliases, setPublished } from '../../storage/aliases.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import type { Homeserver } from '../homeserver.ts'
import { type PreparedUnit, prepareAll } from './changes.ts'
import { checkCreators, knownVersion } from './create.ts'
import { joinable } from './head.ts'
import { forget, leave } from './membership.ts'
import { type NewRoom, nameRoom, writeRoom } from './new-room.ts'
import { type EventDraft, prepare } from './prepare.ts'
import { type LocalSender, roomNumber } from './send.ts'
import { type PartialState, type StatePair, stateAt } from './state-reader.ts'
import { closedLevels, type OldRoom, splitAliases, transferable, transferredState } from './upgrade-state.ts'

export interface Upgrade {
  roomId: string
  /** Of the new room. */
  version: string
  /** Creators of the new room beside the caller, where its version privileges them. */
  additionalCreators: readonly string[]
}

/**
 * Makes the new room, then closes the old one, then moves what leads to it. Whatever fails first, there is never a
 * tombstone without its room, nor an alias that leads to a room which replaces none.
 *
 * @returns the new room's id @throws M_UNSUPPORTED_ROOM_VERSION; M_FORBIDDEN for who may not send the tombstone
 */
export async function upgradeRoom(
  server: Homeserver,
  caller: LocalSender,
  { roomId, version, additionalCreators }: Upgrade,
): Promise<string> {
  const rules = knownVersion(version)
  const old = await oldRoom(server, caller, roomId)
  const aliases = await aliasesOfRoom(server.database, roomId)
  const creators = rules.privilegedCreators ? additionalCreators : []
  checkCreators(creators)
  const content = createContent(old, { rules, creators })
  const named = await nameRoom(server, caller, { rules, content })
  const sender = caller.userId
  const taken = transferredState(old, { rules, aliases, creators: [sender, ...creators] })
  await writeRoom(
    server,
    named,
    taken.map(([type, content]) => ({ type, sender, stateKey: '', content })),
  )
  await closeRoom(server, caller, { old, replacement: named.roomId, aliases }).catch(
    async (error: unknown) => {
      await abandon(server, caller, named)
      throw error
    },
  )
  await moveAliases(server.database, { from: roomId, to: named.roomId })
  await movePublication(server, { from: old.head.room, to: named.room })
  return named.roomId
}

const tombstonePair: StatePair = ['m.room.tombstone', '']

/** @throws M_FORBIDDEN for who may not send the tombstone */
async function oldRoom(server: Homeserver, caller: LocalSender, roomId: string): Promise<OldRoom> {
  const head = await server.rooms.head(await roomNumber(server, roomId))
  if (!head) throw forbidden('this server is not in the room')
  await prepare(server, head, tombstone(caller, roomId))
  const types = ['m.room.create', 'm.room.canonical_alias', ...transferable]
  const pairs = types.map((type): StatePair => [type, ''])
  return { head, state: await stateAt(server, head.root, [...pairs, tombstonePair]) }
}

const tombstone = ({ userId }: LocalSender, replacement: string): EventDraft => ({
  type: 'm.room.tombstone',
  sender: userId,
  stateKey: '',
  content: { body: 'This room has been replaced', replacement_room: replacement },
})

function createContent(
  { head, state }: OldRoom,
  { rules, creators }: { rules: RoomVersionRules; creators: readonly string[] },
): JsonObject {
  const { type, 'm.federate': federate } = state.get('m.room.create', '')?.pdu.content ?? {}
  const predecessor: JsonObject = { room_id: head.roomId }
  const [last] = joinable(head)
  // It would not be the tombstone, whose text needs the new room's ID. Source: "Room Upgrades", note on version 12.
  if (!rules.roomIdIsCreateHash && last) predecessor.event_id = last.eventId
  return {
    predecessor,
    ...(typeof type === 'string' ? { type } : {}),
    ...(typeof federate === 'boolean' ? { 'm.federate': federate } : {}),
    ...(creators.length > 0 ? { additional_creators: [...creators] } : {}),
  }
}

interface Closing {
  old: OldRoom
  replacement: string
  /** That will lead to the new room. */
  aliases: readonly string[]
}

/** Writes the tombstone and, as far as the caller may, what keeps people from going on in the old room. */
async function closeRoom(server: Homeserver, caller: LocalSender, closing: Closing): Promise<void> {
  const { old, replacement, aliases } = closing
  await server.rooms.write(old.head.room, async (head) => {
    if (!head) throw forbidden('this server is not in the room')
    const types = ['m.room.canonical_alias', 'm.room.power_levels'].map((type): StatePair => [type, ''])
    const state = await stateAt(server, head.root, [...types, tombstonePair])
    if (state.get(...tombstonePair)?.eventId !== old.state.get(...tombstonePair)?.eventId) {
      throw forbidden('somebody else has just upgraded this room')
    }
    let unit = await prepareAll(server, head, [tombstone(caller, replacement)])
    for (const [type, content] of closingState(state, head.rules, aliases)) {
      unit = await withAllowed(server, unit, { type, sender: caller.userId, stateKey: '', content })
    }
    return { ...unit, result: undefined }
  })
}

function closingState(
  state: PartialState,
  rules: RoomVersionRules,
  aliases: readonly string[],
): [type: string, content: JsonObject][] {
  const closing: [string, JsonObject][] = []
  const alias = splitAliases(state.get('m.room.canonical_alias', '')?.pdu.content ?? {}, aliases)
  if (alias.moved) closing.push(['m.room.canonical_alias', alias.left])
  const levels = state.get('m.room.power_levels', '')
  if (levels) closing.push(['m.room.power_levels', closedLevels(levels.pdu.content, rules)])
  return closing
}

/** A unit with one more event, if the rules allow it. */
async function withAllowed(server: Homeserver, unit: PreparedUnit, draft: EventDraft): Promise<PreparedUnit> {
  try {
    const { changes, head, events } = await prepareAll(server, unit.head, [draft])
    return { changes: [...unit.changes, ...changes], head, events: [...unit.events, ...events] }
  } catch (error) {
    if (error instanceof MatrixError) return unit
    throw error
  }
}

/** The new room of an upgrade that came to nothing: nobody else has heard of it. */
async function abandon(server: Homeserver, caller: LocalSender, { roomId }: NewRoom): Promise<void> {
  try {
    await leave(server, caller, { roomId })
    await forget(server, caller, roomId)
  } catch (error) {
    server.logger.warn({ err: error, roomId }, 'the new room of a failed upgrade could not be left')
  }
}

async function movePublication(
  server: Homeserver,
  { from, to }: { from: RoomNumber; to: RoomNumber },
): Promise<void> {
  if (!(await isPublished(server.database, from))) return
  await setPublished(server.database, to, true)
  await setPublished(server.database, from, false)
}
