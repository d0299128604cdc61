import { getRelations, getRelationsOfType, getRelationsOfTypeAndEventType } from '@kith/spec/api/relations'
import { clientEvent, type Reader } from '../../domain/events/client-event.ts'
import type { Homeserver } from '../../domain/homeserver.ts'
import { relations } from '../../domain/timeline/relations.ts'
import { serve } from '../serve.ts'

interface Params {
  roomId: string
  eventId: string
  relType?: string
  eventType?: string
}

interface Query {
  from?: string
  to?: string
  limit?: number
  dir?: 'b' | 'f'
  recurse?: boolean
}

interface Request {
  server: Homeserver
  caller: Reader
  params: Params
  query: Query
}

async function answer({ server, caller, params, query }: Request) {
  const { dir = 'b', recurse = false } = query
  const found = await relations(server, caller, { ...params, ...query, dir, recurse })
  return {
    chunk: found.chunk.map((each) => clientEvent(each)),
    ...(found.next === undefined ? {} : { next_batch: found.next }),
    ...(found.prev === undefined ? {} : { prev_batch: found.prev }),
    ...(found.depth === undefined ? {} : { recursion_depth: found.depth }),
  }
}

export const relationRoutes = [
  serve(getRelations, answer),
  serve(getRelationsOfType, answer),
  serve(getRelationsOfTypeAndEventType, answer),
]
