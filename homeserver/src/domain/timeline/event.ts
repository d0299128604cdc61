import { notFound } from '@kith/spec/errors'
import type { Reader, Rendered } from '../events/client-event.ts'
import { render } from '../events/render.ts'
import type { Homeserver } from '../homeserver.ts'
import { requireVisible, standpoint } from '../rooms/visibility.ts'

/** One event. @throws MatrixError M_NOT_FOUND, the same for what is hidden, elsewhere, or nowhere */
export async function visibleEvent(
  server: Homeserver,
  reader: Reader,
  { roomId, eventId }: { roomId: string; eventId: string },
): Promise<Rendered> {
  const room = await server.interning.rooms.existing(server.database, roomId)
  if (room === undefined) throw notFound('there is no such event, or you may not see it')
  const from = await standpoint(server, reader, room)
  const seen = await requireVisible(server, reader, { eventId, from })
  return (await render(server, reader, { seen: [seen], from }))[0] as Rendered
}
