import { encodeBase64 } from '@kith/spec/base64'
import type { Json, JsonObject } from '@kith/spec/json'
import { signedBytes } from '@kith/spec/signing'
import type { Chance } from './chance.ts'
import { oddValue } from './odd-values.ts'
import { alice, anyUser, bob, token, users } from './people.ts'
import { type GeneratedEvent, type GeneratedRoom, identityKey, referencesTo } from './room.ts'

export type Kind = (random: Chance, room: GeneratedRoom) => JsonObject

const member = (sender: string, target: string, content: JsonObject): JsonObject => ({
  type: 'm.room.member',
  sender,
  state_key: target,
  content,
})

export function join(random: Chance, room: GeneratedRoom): JsonObject {
  const sender = anyUser(random)
  const content: JsonObject = { membership: 'join' }
  if (random.is(0.4))
    content.join_authorised_via_users_server = random.is(0.93) ? anyUser(random) : oddValue(random)
  const fields = member(sender, random.is(0.93) ? sender : anyUser(random), content)
  const [topic] = room.others.slice(1)
  if (random.is(0.5))
    fields.prev_events = referencesTo(
      room.rules,
      random.is(0.5) ? [topic as GeneratedEvent] : [topic as GeneratedEvent, room.create],
    )
  return fields
}

export const invite: Kind = (random) => member(anyUser(random), anyUser(random), { membership: 'invite' })

export function thirdPartyInvite(random: Chance): JsonObject {
  const target = anyUser(random)
  const signed: JsonObject = {
    mxid: random.is(0.9) ? target : bob,
    token: random.is(0.9) ? token : random.pick<Json>(['none', oddValue(random)]),
  }
  if (random.is(0.05)) delete signed[random.pick(['mxid', 'token'])]
  const signature = encodeBase64(
    random.is(0.85) ? identityKey.sign(signedBytes(signed)) : new Uint8Array(64).fill(1),
  )
  const keyId = random.weighted([
    [8, 'ed25519:0'],
    [1, 'rsa:1'],
    [1, 'ed25519:other'],
  ])
  if (random.is(0.95))
    signed.signatures = { 'id.test': { [keyId]: random.is(0.95) ? signature : oddValue(random) } }
  const invite: Json = random.is(0.93)
    ? { display_name: 'a', signed }
    : random.pick<Json>([{}, { signed: 5 }, oddValue(random)])
  return member(random.is(0.6) ? random.pick([alice, bob]) : anyUser(random), target, {
    membership: 'invite',
    third_party_invite: invite,
  })
}

export function leave(random: Chance): JsonObject {
  const sender = anyUser(random)
  return member(sender, random.is(0.35) ? sender : anyUser(random), { membership: 'leave' })
}

export const ban: Kind = (random) => member(anyUser(random), anyUser(random), { membership: 'ban' })

export function knock(random: Chance): JsonObject {
  const sender = anyUser(random)
  return member(sender, random.is(0.9) ? sender : anyUser(random), { membership: 'knock' })
}

export function oddMember(random: Chance): JsonObject {
  const fields = member(anyUser(random), random.pick([...users, 'bob', '']), { membership: oddValue(random) })
  if (random.is(0.3)) delete fields.state_key
  if (random.is(0.3)) fields.content = {}
  return fields
}
