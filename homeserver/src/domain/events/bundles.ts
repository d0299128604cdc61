/**
 * What is bundled with an event of the events that relate to it: the edit that counts, the summary of its
 * thread, the events that refer to it. Source: client-server-api, "Aggregations of child events".
 */
import { isObject, type JsonObject } from '@kith/spec/json'
import {
  editsOf,
  references,
  relationTypes,
  type ThreadSummary,
  threadSummaries,
} from '../../storage/relations.ts'
import type { StoredEvent } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { type Standpoint, visibleEvents } from '../rooms/visibility.ts'
import { clientEvent, type Reader } from './client-event.ts'
import { relationOf } from './relation.ts'

interface Bundling {
  /** Of one room. */
  events: readonly StoredEvent[]
  from: Standpoint
}

/** Bundles by event id; events that have none are absent. */
export async function bundlesOf(
  server: Homeserver,
  reader: Reader,
  { events, from }: Bundling,
): Promise<Map<string, JsonObject>> {
  const candidates = events.filter(mayHaveRelations)
  const bundles = new Map<string, JsonObject>()
  if (candidates.length === 0) return bundles
  const types = await relationTypes(
    server.database,
    from.room,
    candidates.map(({ eventId }) => eventId),
  )
  if (types.length === 0) return bundles
  const having = (type: string) => {
    const parents = new Set(types.filter(({ relType }) => relType === type).map(({ parent }) => parent))
    return candidates.filter(({ eventId }) => parents.has(eventId))
  }
  const [edits, threads, refs] = await Promise.all([
    latestEdits(server, reader, {
      events: having('m.replace').filter((e) => e.redactedBy === undefined),
      from,
    }),
    threadBundles(server, reader, { events: having('m.thread'), from }),
    referenceBundles(server, reader, { events: having('m.reference'), from }),
  ])
  for (const [name, found] of [
    ['m.replace', edits],
    ['m.thread', threads],
    ['m.reference', refs],
  ] as const) {
    for (const [parent, bundle] of found) bundles.set(parent, { ...bundles.get(parent), [name]: bundle })
  }
  return bundles
}

/** State has no bundles, nor has what is itself an edit or a reaction. */
function mayHaveRelations({ pdu }: StoredEvent): boolean {
  if (pdu.state_key !== undefined) return false
  const relType = relationOf(pdu)?.relType
  return relType !== 'm.replace' && relType !== 'm.annotation'
}

/** How many of an event's newest edits are looked at for one that is valid and visible. */
const editsLookedAt = 5

async function latestEdits(
  server: Homeserver,
  reader: Reader,
  { events, from }: Bundling,
): Promise<Map<string, JsonObject>> {
  if (events.length === 0) return new Map()
  const found = await editsOf(server.database, {
    room: from.room,
    events: events.map(({ eventId, sender, pdu }) => ({ eventId, sender, type: pdu.type })),
    each: editsLookedAt,
  })
  const visible = await visibleByNumber(server, reader, { numbers: found.map(({ event }) => event), from })
  const edits = new Map<string, JsonObject>()
  for (const { parent, event: number } of found) {
    const edit = visible.get(number)
    if (!edit || edits.has(parent) || !isEdit(edit)) continue
    edits.set(parent, shown(server, edit))
  }
  return edits
}

/** Encrypted edits hide their new content; others must have it. */
function isEdit({ pdu, redactedBy }: StoredEvent): boolean {
  if (redactedBy !== undefined) return false
  return pdu.type === 'm.room.encrypted' || isObject(pdu.content['m.new_content'])
}

async function threadBundles(
  server: Homeserver,
  reader: Reader,
  { events, from }: Bundling,
): Promise<Map<string, JsonObject>> {
  if (events.length === 0) return new Map()
  const summaries = await threadSummaries(server.database, {
    room: from.room,
    roots: events.map(({ eventId }) => eventId),
    reader: reader.user,
    ignored: await server.views.accountData.ignoredNumbers(reader.user),
    until: lastPosition(from),
  })
  const latest = await visibleByNumber(server, reader, {
    numbers: summaries.map((each) => each.latest),
    from,
  })
  const edits = await latestEdits(server, reader, { events: [...latest.values()], from })
  const bundle = (summary: ThreadSummary): [string, JsonObject][] => {
    const event = latest.get(summary.latest)
    const root = events.find(({ eventId }) => eventId === summary.root)
    if (!event || !root) return []
    const edit = edits.get(event.eventId)
    const unsigned = { age: ageOf(server, event), ...(edit && { 'm.relations': { 'm.replace': edit } }) }
    return [
      [
        summary.root,
        {
          latest_event: clientEvent({ event, unsigned }) as JsonObject,
          count: summary.count,
          current_user_participated: summary.participated || root.sender === reader.user,
        },
      ],
    ]
  }
  return new Map(summaries.flatMap(bundle))
}

/** Who has left counts what was there when he left. */
function lastPosition({ lastJoined }: Standpoint): number | undefined {
  return typeof lastJoined === 'object' ? lastJoined.position : undefined
}

async function referenceBundles(
  server: Homeserver,
  reader: Reader,
  { events, from }: Bundling,
): Promise<Map<string, JsonObject>> {
  if (events.length === 0) return new Map()
  const found = await references(
    server.database,
    from.room,
    events.map(({ eventId }) => eventId),
  )
  const visible = await visibleByNumber(server, reader, { numbers: found.map(({ event }) => event), from })
  const chunks = new Map<string, JsonObject[]>()
  for (const { parent, event } of found) {
    const child = visible.get(event)
    if (child) chunks.set(parent, [...(chunks.get(parent) ?? []), { event_id: child.eventId }])
  }
  return new Map([...chunks].map(([parent, chunk]) => [parent, { chunk }]))
}

async function visibleByNumber(
  server: Homeserver,
  reader: Reader,
  { numbers, from }: { numbers: readonly number[]; from: Standpoint },
): Promise<Map<number, StoredEvent>> {
  const [loaded, ignored] = await Promise.all([
    server.events.byNumber(numbers),
    server.views.accountData.ignoredBy(reader.user),
  ])
  const events = [...loaded.values()].filter(({ pdu }) => !ignored.has(pdu.sender))
  const seen = await visibleEvents(server, reader, { events, from })
  return new Map(seen.map(({ event }) => [event.number, event]))
}

const ageOf = (server: Homeserver, { pdu }: StoredEvent) =>
  Math.max(0, server.clock.now() - pdu.origin_server_ts)

const shown = (server: Homeserver, event: StoredEvent) =>
  clientEvent({ event, unsigned: { age: ageOf(server, event) } }) as JsonObject
