// In room versions 1 and 2 the sender chooses an event's ID, so that events can name each other, and themselves.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildEvent, countersign } from '@kith/spec/events/build'
import { contentHash, eventIdOf } from '@kith/spec/events/event-id'
import type { Pdu, RoomEvent } from '@kith/spec/events/pdu'
import { referencesTo } from '@kith/spec/events/references'
import type { JsonObject } from '@kith/spec/json'
import { type RoomVersionRules, roomVersions } from '@kith/spec/rooms/room-version'
import { signedCall } from '../../domain/federation/test-member.ts'
import { peerTrustingClient, type TestPeer, testPeer } from '../../domain/federation/test-peer.ts'
import { systemClock } from '../../platform/clock.ts'
import { nodeCrypto } from '../../platform/crypto.ts'
import { startTestServer, type TestServer } from '../test-server.ts'

const crypto = nodeCrypto

/** A user of a peer in a room of one of these versions. */
class Visitor {
  readonly roomId: string
  readonly userId: string
  readonly rules: RoomVersionRules
  readonly #peer: TestPeer
  readonly #url: string
  #latest: RoomEvent[] = []
  #authority: RoomEvent[] = []

  constructor(peer: TestPeer, url: string, { roomId, version }: { roomId: string; version: string }) {
    this.#peer = peer
    this.#url = url
    this.roomId = roomId
    this.userId = `@eve:${peer.name}`
    this.rules = roomVersions.get(version) as RoomVersionRules
  }

  async join(): Promise<void> {
    const room = encodeURIComponent(this.roomId)
    const path = `v1/make_join/${room}/${this.userId}?ver=${this.rules.version}`
    const { body } = await signedCall(this.#peer, this.#url, ['GET', path])
    const { prev_events, auth_events, depth } = body.event as Pdu
    const context = { rules: this.rules, serverName: this.#peer.name, key: this.#peer.key, crypto }
    const join = buildEvent(
      {
        type: 'm.room.member',
        room_id: this.roomId,
        sender: this.userId,
        state_key: this.userId,
        content: { membership: 'join' },
        origin_server_ts: Date.now(),
        ...{ prev_events, auth_events, depth },
      },
      context,
    )
    const put = `v2/send_join/${room}/${encodeURIComponent(join.eventId)}`
    const answer = await signedCall(this.#peer, this.#url, ['PUT', put, join.pdu as JsonObject])
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    const state = (answer.body.state as Pdu[]).map((pdu) => this.#received(pdu))
    const holds = ['m.room.create', 'm.room.power_levels']
    this.#authority = [...state.filter(({ pdu }) => holds.includes(pdu.type)), join]
    this.#latest = [join]
  }

  #received(pdu: Pdu): RoomEvent {
    return { eventId: eventIdOf(pdu, this.rules, crypto), roomId: this.roomId, pdu }
  }

  /** A redaction of an ID that is of this ID itself. The next one comes after it. */
  redaction(name: string, redacts: string): RoomEvent {
    const eventId = `$${name}:${this.#peer.name}`
    const bare = {
      type: 'm.room.redaction',
      event_id: eventId,
      room_id: this.roomId,
      sender: this.userId,
      content: { reason: name },
      redacts,
      origin_server_ts: Date.now(),
      depth: (this.#latest[0]?.pdu.depth ?? 0) + 1,
      prev_events: referencesTo(this.#latest, this.rules, crypto),
      auth_events: referencesTo(this.#authority, this.rules, crypto),
    }
    const pdu = { ...bare, hashes: { sha256: contentHash(bare, crypto) }, signatures: {} } as Pdu
    const { rules } = this
    const event = { eventId, roomId: this.roomId, pdu }
    const signed = countersign(event, { rules, serverName: this.#peer.name, key: this.#peer.key })
    this.#latest = [signed]
    return signed
  }

  async taken(event: RoomEvent): Promise<void> {
    const transaction = { origin: this.#peer.name, origin_server_ts: 1, pdus: [event.pdu as JsonObject] }
    const path = `v1/send/${encodeURIComponent(event.eventId)}`
    const { body } = await signedCall(this.#peer, this.#url, ['PUT', path, transaction])
    assert.deepEqual(body.pdus, { [event.eventId]: {} })
  }
}

const contentOf = async (alpha: TestServer, { eventId }: RoomEvent) =>
  (await alpha.server.events.one(eventId))?.pdu.content

for (const version of ['1', '2']) {
  test(`A12: version ${version}: a redaction of itself does nothing, and of two of each other neither does`, async () => {
    await using alpha = await startTestServer({ parts: peerTrustingClient() })
    await using peer = await testPeer(170, systemClock)
    const alice = await alpha.register('alice')
    const options = { preset: 'public_chat', room_version: version }
    const { room_id: roomId } = await alice.must('POST', 'createRoom', options)
    const eve = new Visitor(peer, alpha.url, { roomId: String(roomId), version })
    await eve.join()
    const itself = eve.redaction('self', `$self:${peer.name}`)
    await eve.taken(itself)
    assert.deepEqual(await contentOf(alpha, itself), { reason: 'self' })
    const one = eve.redaction('one', `$other:${peer.name}`)
    const other = eve.redaction('other', `$one:${peer.name}`)
    await eve.taken(one)
    await eve.taken(other)
    assert.deepEqual(await contentOf(alpha, one), { reason: 'one' })
    assert.deepEqual(await contentOf(alpha, other), { reason: 'other' })
  })
}
