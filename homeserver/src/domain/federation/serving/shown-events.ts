/**
 * Events as another server may see them: whole where the room's history is open to it, else redacted, so that it
 * can follow the graph (checklist F6).
 *
 * Source: server-server API, "Backfilling and retrieving missing events"; client-server API, "Room History Visibility".
 */
import { redact } from '@kith/spec/events/redaction'
import type { NodeId } from '@kith/spec/rooms/state-trie'
import { type StateKeyNumber, stateKeyNameOf } from '../../../storage/interning.ts'
import { usersOfServer } from '../../../storage/members.ts'
import { type StoredEvent, standings } from '../../../storage/stored-event.ts'
import type { Homeserver } from '../../homeserver.ts'
import { membershipOf } from '../../rooms/member-changes.ts'
import { pduBytes } from '../../rooms/pdu-bytes.ts'
import { stateEvent } from '../../rooms/state-reader.ts'
import { visibilityOf } from '../../rooms/visibility.ts'
import type { KnownRoom } from '../known-room.ts'

/** The texts of some events of a room, in their order. */
export async function shownTexts(
  server: Homeserver,
  { origin, known }: { origin: string; known: KnownRoom },
  events: readonly StoredEvent[],
): Promise<string[]> {
  const seen = new Map<NodeId, boolean>()
  let members: StateKeyNumber[] | undefined
  const sees = async (root: NodeId) => {
    const held = seen.get(root)
    if (held !== undefined) return held
    members ??= await memberKeys(server, known, origin)
    const verdict = await seesAt(server, root, members)
    seen.set(root, verdict)
    return verdict
  }
  const texts: string[] = []
  for (const event of events) {
    const { rootBefore, rootAfter, standing } = event
    // Outliers are state or authority, which whoever is in the room may ask for.
    const isShown =
      standing === standings.outlier || (await sees(rootBefore ?? 0)) || (await sees(rootAfter ?? 0))
    const pdu = isShown ? event.pdu : redact(event.pdu, known.rules)
    texts.push(pduBytes(pdu).toString())
  }
  return texts
}

async function memberKeys(
  server: Homeserver,
  { room }: KnownRoom,
  origin: string,
): Promise<StateKeyNumber[]> {
  const users = await usersOfServer(server.database, room, origin)
  const names = await server.interning.users.names(server.database, users)
  const keys = [...names.values()].map((name) => stateKeyNameOf('m.room.member', name))
  return [...(await server.interning.stateKeys.find(server.database, keys)).values()]
}

const lookedUpAtOnce = 100

/** Whether a server that is in the room now may see what happened in a state of it. */
async function seesAt(
  server: Homeserver,
  root: NodeId,
  members: readonly StateKeyNumber[],
): Promise<boolean> {
  if (root === 0) return false
  const visibility = visibilityOf(await stateEvent(server, root, ['m.room.history_visibility', '']))
  if (visibility === 'world_readable' || visibility === 'shared') return true
  const enough = visibility === 'invited' ? ['join', 'invite'] : ['join']
  for (let at = 0; at < members.length; at += lookedUpAtOnce) {
    const found = await server.states.lookup(root, members.slice(at, at + lookedUpAtOnce))
    const events = await server.events.byNumber(found.values())
    if ([...events.values()].some((event) => enough.includes(membershipOf(event)))) return true
  }
  return false
}
