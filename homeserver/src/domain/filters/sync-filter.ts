/** The filter of a sync, compiled. */
import { Filter, RoomEventFilter } from '@kith/spec/api/filter'
import { invalidParam, MatrixError, notFound } from '@kith/spec/errors'
import { utf8Length } from '@kith/spec/json'
import { parseJson } from '@kith/spec/strict-json'
import { Check } from 'typebox/value'
import { insertFilter, storedFilter } from '../../storage/filters.ts'
import type { UserNumber } from '../../storage/interning.ts'
import type { Homeserver } from '../homeserver.ts'
import { type EventFilter, eventFilter } from './event-filter.ts'

export interface SyncFilter {
  readonly timeline: EventFilter
  readonly state: EventFilter
  readonly ephemeral: EventFilter
  readonly roomAccountData: EventFilter
  readonly accountData: EventFilter
  readonly includeLeave: boolean
  /** Dot-separated paths of what is kept of an event; undefined for all. */
  readonly eventFields: string[] | undefined
  readonly isFederationFormat: boolean
  passesRoom(roomId: string): boolean
}

const maxFilterBytes = 64 * 1024

function syncFilter(filter: Filter): SyncFilter {
  const { room = {} } = filter
  const rooms = eventFilter({ rooms: room.rooms, not_rooms: room.not_rooms })
  return {
    timeline: eventFilter(room.timeline),
    state: eventFilter(room.state),
    ephemeral: eventFilter(room.ephemeral),
    roomAccountData: eventFilter(room.account_data),
    accountData: eventFilter(filter.account_data),
    includeLeave: room.include_leave ?? false,
    eventFields: filter.event_fields?.slice(0, 100),
    isFederationFormat: filter.event_format === 'federation',
    passesRoom: (roomId) => rooms.passesRoom(roomId),
  }
}

const noFilter = syncFilter({})

/**
 * The filter that a query names: JSON, or the id of one that the user has stored.
 *
 * @throws MatrixError M_INVALID_PARAM
 */
export async function namedFilter(
  server: Homeserver,
  user: UserNumber,
  text: string | undefined,
): Promise<SyncFilter> {
  if (text === undefined || text === '') return noFilter
  if (text.startsWith('{')) return syncFilter(parsed(text, Filter))
  const stored = await storedFilter(server.database, user, text)
  if (stored === undefined) throw invalidParam('there is no such filter')
  return syncFilter(JSON.parse(stored) as Filter)
}

/** The filter of /messages and /context, as JSON. @throws MatrixError M_INVALID_PARAM */
export function pageFilter(text: string | undefined): EventFilter {
  return eventFilter(text ? parsed(text, RoomEventFilter) : {})
}

function parsed<S extends typeof Filter | typeof RoomEventFilter>(text: string, schema: S) {
  if (utf8Length(text) > maxFilterBytes) throw invalidParam('the filter is too large')
  try {
    const value = parseJson(text, 'plain')
    if (Check(schema, value)) return value
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error
  }
  throw invalidParam('the filter is malformed')
}

/** Stores a filter and answers its id, the same for the same filter. @throws MatrixError M_INVALID_PARAM */
export async function defineFilter(server: Homeserver, user: UserNumber, filter: Filter): Promise<string> {
  const text = JSON.stringify(filter)
  if (utf8Length(text) > maxFilterBytes) throw invalidParam('the filter is too large')
  const id = Buffer.from(server.crypto.sha256(text)).toString('base64url').slice(0, 16)
  await insertFilter(server.database, { user, id, filter: text })
  return id
}

/** A filter that the user has stored. @throws MatrixError M_NOT_FOUND */
export async function filterOf(server: Homeserver, user: UserNumber, id: string): Promise<Filter> {
  const stored = await storedFilter(server.database, user, id)
  if (stored === undefined) throw notFound('there is no such filter')
  return JSON.parse(stored) as Filter
}
