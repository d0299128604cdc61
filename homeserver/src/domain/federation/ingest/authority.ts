/** The auth events of an event, fetched where they are missing. */
import { getEventAuth } from '@kith/spec/api/federation/event-auth'
import type { RoomEvent } from '@kith/spec/events/pdu'
import { authEventIds } from '@kith/spec/events/references'
import type { StoredEvent } from '../../../storage/stored-event.ts'
import type { Homeserver } from '../../homeserver.ts'
import { checkedByAuth } from '../../rooms/auth-chain.ts'
import { storeOutliers } from '../../rooms/stored.ts'
import { RemoteError } from '../remote-error.ts'
import { askForEvents, fetchSingly } from './ask.ts'
import { reachable } from './prev-order.ts'
import { Inadmissible, type Source } from './source.ts'

/** @throws Inadmissible when they are not to be had */
export async function bringAuthority(server: Homeserver, source: Source, event: RoomEvent): Promise<void> {
  if ((await unknownAuthority(server, event)).length === 0) return
  const chain = await authChain(server, source, event)
  await keepOutliers(server, source, reachable(chain, authEventIds(event.pdu), authEventIds))
  const missing = await unknownAuthority(server, event)
  if (missing.length === 0) return
  await keepOutliers(server, source, await fetchSingly(server, source, missing))
  const still = await unknownAuthority(server, event)
  if (still.length > 0) throw new Inadmissible(`${still.length} of its auth events cannot be had`)
}

async function unknownAuthority(server: Homeserver, { pdu }: RoomEvent): Promise<string[]> {
  const known = await server.events.byId(authEventIds(pdu))
  return authEventIds(pdu).filter((id) => !known.has(id))
}

async function authChain(
  server: Homeserver,
  source: Source,
  { eventId, roomId }: RoomEvent,
): Promise<RoomEvent[]> {
  try {
    const params = { roomId, eventId }
    return await askForEvents(server, source, { contract: getEventAuth, params, members: ['auth_chain'] })
  } catch (error) {
    if (error instanceof RemoteError) return []
    throw error
  }
}

/** Stores those of some events that their own auth events allow. */
export async function keepOutliers(
  server: Homeserver,
  source: Source,
  events: readonly RoomEvent[],
): Promise<Map<string, StoredEvent>> {
  const sound = await checkedByAuth(server, source.rules, events)
  return storeOutliers(server, source, [...sound.values()])
}
