import { decodeBase64, decodeBase64Url } from '../../base64.ts'
import type { RoomEvent } from '../../events/pdu.ts'
import { isObject, type Json, type JsonObject, own } from '../../json.ts'
import { signatureBy, signedBytes } from '../../signing.ts'
import type { MemberChange, RoomView } from './auth-state.ts'
import { allow, type Verdict } from './verdict.ts'

/** Pairs of key and signature to try, 0.1 ms each: real invites have a few, an attacker's could have a million. */
const maxAttempts = 100

/** Rule 5.4.1. */
export function checkThirdPartyInvite({ pdu, target }: MemberChange, room: RoomView): Verdict {
  if (room.membership(target) === 'ban') return room.reject('5.4.1.1', 'the invited user is banned')
  const signed = objectAt(objectAt(pdu.content, 'third_party_invite'), 'signed')
  if (!signed) return room.reject('5.4.1.2', 'the third-party invite has no signed part')
  const mxid = own(signed, 'mxid')
  const token = own(signed, 'token')
  if (mxid === undefined || token === undefined) return room.reject('5.4.1.3', 'mxid or token is missing')
  if (mxid !== target) return room.reject('5.4.1.4', 'mxid is not the invited user')
  const invite = typeof token === 'string' ? room.get('m.room.third_party_invite', token) : undefined
  if (!invite) return room.reject('5.4.1.5', 'there is no third-party invite with this token')
  if (invite.pdu.sender !== pdu.sender)
    return room.reject('5.4.1.6', 'the third-party invite is of another user')
  if (isSignedByAny(signed, publicKeys(invite), room)) return allow // 5.4.1.7
  return room.reject('5.4.1.8', 'no signature matches a public key of the third-party invite')
}

function isSignedByAny(signed: JsonObject, keys: readonly Uint8Array[], room: RoomView): boolean {
  const covered = signedBytes(signed)
  let attempts = 0
  for (const signature of signaturesOf(signed)) {
    for (const key of keys) {
      if (++attempts > maxAttempts) return false
      if (room.context.crypto.verify(key, covered, signature)) return true
    }
  }
  return false
}

function* signaturesOf(signed: JsonObject): Generator<Uint8Array> {
  const servers = objectAt(signed, 'signatures') ?? {}
  for (const [server, ofServer] of Object.entries(servers)) {
    if (!isObject(ofServer)) continue
    for (const keyId of Object.keys(ofServer)) {
      const signature = keyId.startsWith('ed25519:') ? signatureBy(signed, server, keyId) : undefined
      if (signature) yield signature
    }
  }
}

/** Rules 5.4.1.7.1 and 5.4.1.7.2. */
function publicKeys({ pdu }: RoomEvent): Uint8Array[] {
  const listed = own(pdu.content, 'public_keys')
  const texts = [own(pdu.content, 'public_key')]
  for (const entry of Array.isArray(listed) ? listed : []) {
    if (isObject(entry)) texts.push(own(entry, 'public_key'))
  }
  const distinct = new Set(texts.filter((text) => typeof text === 'string'))
  return [...distinct]
    .map((text) => decodeBase64(text) ?? decodeBase64Url(text))
    .filter((key) => key !== undefined)
}

function objectAt(object: JsonObject | undefined, key: string): JsonObject | undefined {
  const value: Json | undefined = object && own(object, key)
  return isObject(value) ? value : undefined
}
