import { sendInvite, sendInviteV1 } from '@kith/spec/api/federation/invites'
import { domainOf } from '@kith/spec/ids'
import type { JsonObject } from '@kith/spec/json'
import { parseJson } from '@kith/spec/strict-json'
import type { Homeserver } from '../homeserver.ts'
import { checkedAnswer } from './answers.ts'
import { RemoteError } from './remote-error.ts'
import type { RemoteRooms } from './remote-rooms.ts'
import { pathOf } from './request-target.ts'

/**
 * Has the invitee's server sign an invite. Where it knows the first version of the operation only, that is used for rooms
 * whose events tell their own IDs, since it says nothing of the room's version.
 *
 * @returns its copy of the event @throws RemoteError
 * Source: server-server API, "PUT /_matrix/federation/v2/invite/{roomId}/{eventId}".
 */
export async function askToSign(
  server: Homeserver,
  destination: string,
  { event: { eventId, roomId, pdu }, rules, roomState }: Parameters<RemoteRooms['invite']>[0],
): Promise<JsonObject> {
  const { client } = server.federation
  const origin = domainOf(pdu.sender)
  const event = pdu as JsonObject
  const params = { roomId, eventId }
  const body = { room_version: rules.version, event, invite_room_state: roomState }
  try {
    return (await client.call(sendInvite, { origin, destination, params, body })).event
  } catch (error) {
    const isUnknown = error instanceof RemoteError && isUnrecognized(error)
    if (rules.eventId !== 'given' || !isUnknown) throw error
  }
  const { method, path } = sendInviteV1
  const answer = await client.requestRaw({
    origin,
    destination,
    method,
    path: pathOf(path, params),
    body: { ...event, unsigned: { invite_room_state: roomState } },
  })
  return signedCopy(destination, answer)
}

/** Whether a server does not know what it was asked. Those from before `M_UNRECOGNIZED` answer a bare 404. */
function isUnrecognized({ status, errcode }: RemoteError): boolean {
  return errcode === 'M_UNRECOGNIZED' || (errcode === undefined && status === 404)
}

function signedCopy(destination: string, answer: Uint8Array): JsonObject {
  let pair: unknown
  try {
    pair = parseJson(answer, 'plain')
  } catch (cause) {
    throw new RemoteError(destination, 'the answer is not JSON', { cause })
  }
  return checkedAnswer(destination, sendInviteV1, pair as JsonObject)[1].event
}
