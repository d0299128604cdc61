/** What a server that is behind is owed, read from the log. */
import { lastRelayedEvents, type RelayRow, relayRows, roomsOfServer } from '../../../storage/destinations.ts'
import { kinds } from '../../../storage/kinds.ts'
import type { Homeserver } from '../../homeserver.ts'
import { isRelayedTo } from '../../rooms/relay.ts'
import { eventParcel, maxPdus, type Parcel } from './parcel.ts'
import { recipientsOf } from './recipients.ts'

export interface Owed {
  parcels: Parcel[]
  /** Up to where in the log they reach. */
  upTo: number
}

/** A server that missed more than this gets the last event of each room, newest first, and fetches the rest. */
const maxReplayed = 2000

/**
 * The next part of what a server is owed of a range: all of it where that is not too much, else the last
 * event of each room. Receipts that it missed are not said again; the next one says more.
 */
export async function owedTo(
  server: Homeserver,
  destination: string,
  { after, until }: { after: number; until: number },
): Promise<Owed> {
  const rooms = await roomsOfServer(server.database, destination)
  const page = await relayRows(server.database, { after, until, limit: maxReplayed + 1, rooms })
  if (page.length > maxReplayed) {
    const rows = await lastRelayedEvents(server.database, { after, until, rooms })
    return { parcels: await parcelsFor(server, destination, rows), upTo: until }
  }
  const some = page.slice(0, maxPdus)
  const upTo = some.length === page.length ? until : (some.at(-1) as RelayRow).position
  return { parcels: await parcelsFor(server, destination, some), upTo }
}

async function parcelsFor(
  server: Homeserver,
  destination: string,
  rows: readonly RelayRow[],
): Promise<Parcel[]> {
  const parcels: Parcel[] = []
  for (const { position, kind, room, relay } of rows) {
    if (kind !== kinds.event || !isRelayedTo(relay, destination)) continue
    const [event] = await server.events.atPositions(room, [position])
    if (event && (await recipientsOf(server, event)).has(destination))
      parcels.push(eventParcel(event, position))
  }
  return parcels
}
