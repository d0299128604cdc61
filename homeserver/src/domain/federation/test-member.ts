/** A user of another server in a room of ours: he talks to us by signed requests, and says what the test wants. */

import assert from 'node:assert/strict'
import { encodeBase64 } from '@kith/spec/base64'
import { canonicalJson } from '@kith/spec/canonical-json'
import { buildEvent } from '@kith/spec/events/build'
import { eventIdOf } from '@kith/spec/events/event-id'
import type { Pdu, Reference, RoomEvent } from '@kith/spec/events/pdu'
import { authEventIds, prevEventIds } from '@kith/spec/events/references'
import type { JsonObject } from '@kith/spec/json'
import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import { nodeCrypto } from '../../platform/crypto.ts'
import type { TestPeer } from './test-peer.ts'
import { formatXMatrix, signedRequestBytes } from './x-matrix.ts'

export interface SignedAnswer {
  status: number
  body: JsonObject
}

const prefix = '/_matrix/federation/'

/** Makes a signed request. @param path what follows `/_matrix/federation/` @param body a text is signed and sent as it is */
export async function signedCall(
  peer: TestPeer,
  url: string,
  request: [method: string, path: string, body?: JsonObject | string],
): Promise<SignedAnswer> {
  const response = await signedRequest(peer, url, request)
  const answer = await response.json()
  return { status: response.status, body: answer as JsonObject }
}

export function signedRequest(
  peer: TestPeer,
  url: string,
  [method, path, body]: [method: string, path: string, body?: JsonObject | string],
): Promise<Response> {
  const destination = 'alpha.test'
  const uri = prefix + path
  const text = typeof body === 'object' ? canonicalJson(body) : body
  const signed = { method, uri, origin: peer.name, destination, content: text }
  const sig = encodeBase64(peer.key.sign(signedRequestBytes(signed)))
  const authorization = formatXMatrix({ origin: peer.name, destination, key: peer.key.keyId, sig })
  return fetch(url + uri, { method, body: text, headers: { authorization } })
}

export interface MadeEvent {
  type?: string
  content?: JsonObject
  stateKey?: string
  sender?: string
  prev?: readonly string[]
  auth?: readonly string[]
  depth?: number
  more?: JsonObject
}

let transactions = 0

/** One user of a peer, and the room as he knows it. */
export class TestMember {
  readonly peer: TestPeer
  readonly url: string
  readonly userId: string
  roomId = ''
  rules = roomVersions.get('12') as RoomVersionRules
  /** What his next event names. */
  auth: string[] = []
  latest: string[] = []
  depth = 0

  constructor(peer: TestPeer, url: string, name = 'eve') {
    this.peer = peer
    this.url = url
    this.userId = `@${name}:${peer.name}`
  }

  call(method: string, path: string, body?: JsonObject | string): Promise<SignedAnswer> {
    return signedCall(this.peer, this.url, [method, path, body])
  }

  async refused(
    [method, path, body]: [method: string, path: string, body?: JsonObject | string],
    status: number,
    code: string,
  ): Promise<void> {
    const answer = await this.call(method, path, body)
    assert.deepEqual(
      [answer.status, answer.body.errcode],
      [status, code],
      `${method} ${path}: ${JSON.stringify(answer.body)}`,
    )
  }

  /** Signs an event of his server in the room. */
  event(made: MadeEvent = {}): RoomEvent {
    const { type = 'm.room.message', content = { msgtype: 'm.text', body: 'hello' }, stateKey } = made
    return buildEvent(
      {
        type,
        room_id: this.roomId,
        sender: made.sender ?? this.userId,
        ...(stateKey === undefined ? {} : { state_key: stateKey }),
        content,
        origin_server_ts: Date.now(),
        depth: made.depth ?? this.depth + 1,
        prev_events: this.#references(made.prev ?? this.latest),
        auth_events: this.#references(made.auth ?? this.auth),
        ...made.more,
      },
      { rules: this.rules, serverName: this.peer.name, key: this.peer.key, crypto: nodeCrypto },
    )
  }

  #references(ids: readonly string[]): Reference[] {
    return ids.map((id) => (this.rules.eventId === 'given' ? [id, {}] : id))
  }

  /** Makes an event that the next one builds on. */
  next(made: MadeEvent = {}): RoomEvent {
    const event = this.event(made)
    this.latest = [event.eventId]
    this.depth = event.pdu.depth
    return event
  }

  /** The template of a join, leave or knock, made into an event. */
  async fromTemplate(
    kind: 'join' | 'leave' | 'knock',
    roomId: string,
    more: JsonObject = {},
  ): Promise<RoomEvent> {
    const known = [...roomVersions.keys()].map((version) => `ver=${version}`).join('&')
    const versions = kind === 'leave' ? '' : `?${known}`
    const { status, body } = await this.call(
      'GET',
      `v1/make_${kind}/${encodeURIComponent(roomId)}/${this.userId}${versions}`,
    )
    assert.equal(status, 200, JSON.stringify(body))
    this.roomId = roomId
    this.rules = roomVersions.get(String(body.room_version)) as RoomVersionRules
    const template = body.event as Pdu
    return this.event({
      type: template.type,
      stateKey: template.state_key ?? '',
      content: { ...template.content, ...more },
      prev: prevEventIds(template),
      auth: authEventIds(template),
      depth: template.depth,
    })
  }

  /** Joins through our server. @returns its answer */
  async join(roomId: string): Promise<JsonObject> {
    return this.joinBy(await this.fromTemplate('join', roomId))
  }

  async joinBy(event: RoomEvent): Promise<JsonObject> {
    const { roomId } = event
    const { status, body } = await this.call(
      'PUT',
      `v2/send_join/${encodeURIComponent(roomId)}/${encodeURIComponent(event.eventId)}`,
      event.pdu as JsonObject,
    )
    assert.equal(status, 200, JSON.stringify(body))
    this.latest = [event.eventId]
    this.depth = event.pdu.depth
    // What authorizes the join authorizes what he says, but for the rule of joining.
    const state = body.state as Pdu[]
    const rule = state.find(({ type }) => type === 'm.room.join_rules')
    const ruleId = rule && eventIdOf(rule, this.rules, nodeCrypto)
    this.auth = [event.eventId, ...authEventIds(event.pdu).filter((id) => id !== ruleId)]
    return body
  }

  /** Sends a transaction. */
  send(
    pdus: readonly (RoomEvent | string)[],
    edus: readonly JsonObject[] = [],
    txn?: string,
  ): Promise<SignedAnswer> {
    const texts = pdus.map((one) => (typeof one === 'string' ? one : JSON.stringify(one.pdu)))
    const frame = JSON.stringify({ origin: this.peer.name, origin_server_ts: Date.now(), edus: [...edus] })
    const body = `${frame.slice(0, -1)},"pdus":[${texts.join(',')}]}`
    return this.call('PUT', `v1/send/${txn ?? `t${transactions++}`}`, body)
  }

  /** Sends events. @returns what became of each: nothing, or an error */
  async outcomes(...pdus: (RoomEvent | string)[]): Promise<Record<string, { error?: string }>> {
    const { status, body } = await this.send(pdus)
    assert.equal(status, 200, JSON.stringify(body))
    return body.pdus as Record<string, { error?: string }>
  }

  /** Sends events that must be taken. */
  async taken(...events: RoomEvent[]): Promise<void> {
    const outcomes = await this.outcomes(...events)
    for (const { eventId } of events) assert.deepEqual(outcomes[eventId], {}, eventId)
  }

  /** Sends an event that must be dropped. */
  async dropped(event: RoomEvent, why: RegExp): Promise<void> {
    const outcomes = await this.outcomes(event)
    assert.match(String(outcomes[event.eventId]?.error), why)
  }
}
