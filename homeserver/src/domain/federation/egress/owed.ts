/** What a server that is behind is owed, read from the log. */
import { domainOf } from '@kith/spec/ids'
import { lastRelayedEvents, type RelayRow, relayRows, roomsOfServer } from '../../../storage/destinations.ts'
import type { RoomNumber } from '../../../storage/interning.ts'
import { kinds } from '../../../storage/kinds.ts'
import { publicReceiptsBetween } from '../../../storage/receipts.ts'
import type { Homeserver } from '../../homeserver.ts'
import { isRelayedTo } from '../../rooms/relay.ts'
import { eventParcel, maxPdus, type Parcel, receiptParcels } from './parcel.ts'
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
 * event of each room. Receipts come as they stand now.
 */
export async function owedTo(
  server: Homeserver,
  destination: string,
  { after, until }: { after: number; until: number },
): Promise<Owed> {
  const rooms = await roomsOfServer(server.database, destination)
  const page = await relayRows(server.database, { after, until, limit: maxReplayed + 1, rooms })
  const isTooMuch = page.length > maxReplayed
  const rows = isTooMuch
    ? await lastRelayedEvents(server.database, { after, until, rooms })
    : page.slice(0, maxPdus)
  const upTo = isTooMuch || rows.length === page.length ? until : (rows.at(-1) as RelayRow).position
  const events = await eventsFor(server, destination, rows)
  return {
    parcels: [...events, ...(await receiptsFor(server, destination, { rooms, after, until: upTo }))],
    upTo,
  }
}

async function eventsFor(
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

/** What local users have read meanwhile, where it is not older than what they read later. */
async function receiptsFor(
  server: Homeserver,
  destination: string,
  range: { rooms: readonly RoomNumber[]; after: number; until: number },
): Promise<Parcel[]> {
  const set = await publicReceiptsBetween(server.database, range)
  const names = await server.interning.users.names(
    server.database,
    set.map(({ user }) => user),
  )
  const own = set.filter(({ user }) => server.isLocal(domainOf(names.get(user) ?? '')))
  const parcels: Parcel[] = []
  for (const [room, receipts] of Map.groupBy(own, (receipt) => receipt.room)) {
    const { servers } = await server.rooms.members.of(room)
    if (servers.has(destination))
      parcels.push(...(await receiptParcels(server, { room, receipts }, range.until)))
  }
  return parcels
}
