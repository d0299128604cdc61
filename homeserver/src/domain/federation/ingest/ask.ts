/** Asking the server that sent an event for others. What it answers is checked like whatever comes from outside. */
import type { Endpoint, ParamsOf, QueryOf } from '@kith/spec/api/endpoint'
import { getEvent } from '@kith/spec/api/federation/events'
import type { RoomEvent } from '@kith/spec/events/pdu'
import type { JsonObject } from '@kith/spec/json'
import type { Homeserver } from '../../homeserver.ts'
import { splitAnswer } from '../answers.ts'
import { soundEvents } from '../check-events.ts'
import { RemoteError } from '../remote-error.ts'
import { pathOf, type Query } from '../request-target.ts'
import { Inadmissible, type Source, spendRequest } from './source.ts'

export interface Question<E extends Endpoint> {
  contract: E
  params: ParamsOf<E>
  query?: QueryOf<E>
  body?: JsonObject
  /** The members of the answer that hold events. */
  members: readonly string[]
  maxBytes?: number
}

/**
 * The sound events of an answer. Each is held to canonical JSON by its raw text (checklist J2).
 *
 * @throws RemoteError; Inadmissible over budget
 */
export async function askForEvents<E extends Endpoint>(
  server: Homeserver,
  source: Source,
  { contract, params, query, body, members, maxBytes }: Question<E>,
): Promise<RoomEvent[]> {
  const bytes = await server.federation.client.requestRaw({
    origin: source.asker,
    destination: source.peer,
    method: contract.method,
    path: pathOf(contract.path, params as Record<string, unknown>),
    query: query as Query,
    body,
    maxBytes,
    timeoutMs: spendRequest(source.budget),
  })
  const { items } = splitAnswer(source.peer, bytes, members)
  return soundEvents(
    server,
    source,
    members.flatMap((name) => items.get(name) ?? []),
  )
}

const askedAtOnce = 8

/** Events by id, one request each. Those that the peer lacks or that are not sound are absent. */
export async function fetchSingly(
  server: Homeserver,
  source: Source,
  ids: readonly string[],
): Promise<RoomEvent[]> {
  const found: RoomEvent[] = []
  const open = [...ids]
  const worker = async () => {
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const event = await fetchOne(server, source, id)
      if (event) found.push(event)
    }
  }
  await Promise.all(Array.from({ length: Math.min(askedAtOnce, ids.length) }, worker))
  return found
}

async function fetchOne(server: Homeserver, source: Source, id: string): Promise<RoomEvent | undefined> {
  try {
    const events = await askForEvents(server, source, {
      contract: getEvent,
      params: { eventId: id },
      members: ['pdus'],
    })
    return events.find(({ eventId }) => eventId === id)
  } catch (error) {
    if (error instanceof RemoteError || error instanceof Inadmissible) return undefined
    throw error
  }
}
