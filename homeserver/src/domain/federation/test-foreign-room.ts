/** A room of a peer, into which our users are let by whatever answer the test makes of it. */
import type { RoomEvent } from '@kith/spec/events/pdu'
import type { Json, JsonObject } from '@kith/spec/json'
import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import { TestMember } from './test-member.ts'
import type { Answer, Request, TestPeer } from './test-peer.ts'

export interface ForeignRoom {
  /** Who made it. Her next event builds on what the room begins with. */
  eve: TestMember
  state: RoomEvent[]
  /** Answers the two requests of a join; others are not found. @param more texts of events beside the true ones */
  answer(request: Request, more?: { state?: readonly string[]; chain?: readonly string[] }): Answer
}

let rooms = 0

/** A public room in which everybody may set state. @param version one whose room IDs are chosen: 3 to 11 */
export function foreignRoom(peer: TestPeer, url: string, version = '11'): ForeignRoom {
  const eve = new TestMember(peer, url)
  eve.rules = roomVersions.get(version) as RoomVersionRules
  eve.roomId = `!room${++rooms}:${peer.name}`
  const state: RoomEvent[] = []
  const add = (type: string, stateKey: string, content: JsonObject) => {
    const event = eve.next({ type, stateKey, content })
    state.push(event)
    eve.auth.push(event.eventId)
  }
  add('m.room.create', '', { room_version: version, creator: eve.userId })
  add('m.room.member', eve.userId, { membership: 'join' })
  add('m.room.power_levels', '', { users: { [eve.userId]: 100 }, state_default: 0 })
  const speaking = [...eve.auth]
  add('m.room.join_rules', '', { join_rule: 'public' })
  const [create, , levels, rule] = eve.auth
  eve.auth = speaking
  const template = { prev_events: [...eve.latest], auth_events: [create, levels, rule], depth: eve.depth + 1 }
  return {
    eve,
    state,
    answer({ target, body }, more = {}): Answer {
      if (target.includes('/make_join/')) return { json: { room_version: version, event: template as Json } }
      if (!target.includes('/send_join/')) return { status: 404, json: { errcode: 'M_NOT_FOUND' } }
      const texts = state.map(({ pdu }) => JSON.stringify(pdu))
      const list = (others: readonly string[] = []) => [...texts, ...others].join()
      return { text: `{"event":${body},"state":[${list(more.state)}],"auth_chain":[${list(more.chain)}]}` }
    },
  }
}
