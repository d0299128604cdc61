import type { Pdu, RoomEvent } from '@kith/spec/events/pdu'
import { domainOf } from '@kith/spec/ids'
import type { JsonObject } from '@kith/spec/json'
import type { RoomVersionRules } from '@kith/spec/rooms/room-version'
import type { Membership } from '../../storage/event-inserts.ts'
import { setRoomVersion } from '../../storage/heads.ts'
import type { InvitationChange } from '../../storage/invitations.ts'
import { kinds } from '../../storage/kinds.ts'
import type { StoredEvent } from '../../storage/stored-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { storeOutliers } from '../rooms/stored.ts'
import { stripped } from '../rooms/stripped-state.ts'

export interface Invitation {
  /** The member event: an invite, a knock, or what ends them. */
  event: RoomEvent
  rules: RoomVersionRules
  membership: Membership
  /** As stripped events or whole ones. */
  strippedState: JsonObject[]
}

/** Notes a local user's relation to a room that this server is not in. */
export async function writeInvitation(server: Homeserver, invitation: Invitation): Promise<void> {
  const { event, rules, membership, strippedState } = invitation
  const target = event.pdu.state_key ?? ''
  const room = await server.interning.rooms.number(server.database, event.roomId)
  await setRoomVersion(server.database, room, rules.version)
  const stored = await storeOutliers(server, { room, rules }, [event])
  const user = await server.interning.users.number(server.database, target)
  const { number } = stored.get(event.eventId) as StoredEvent
  const shown = strippedState.map((state) => stripped({ pdu: state as Pdu }))
  const payload: InvitationChange = { room, user, membership, event: number, strippedState: shown }
  if (!server.isLocal(domainOf(target))) throw new Error(`${target} is not a user of this server`)
  await server.log.commit({
    transactionKeys: [],
    changes: [{ kind: kinds.invitation, room, user, payload }],
  })
}
