import { decodeBase64, encodeBase64 } from './base64.ts'
import { canonicalJson } from './canonical-json.ts'
import type { Crypto, SigningKey, VerifyKey } from './crypto.ts'
import { isObject, type Json, type JsonObject, own } from './json.ts'

const utf8 = new TextEncoder()

/** What a signature covers: everything but `signatures` and `unsigned`. */
export function signedBytes(object: { [key: string]: Json | undefined }): Uint8Array {
  const { signatures: _, unsigned: __, ...covered } = object
  return utf8.encode(canonicalJson(covered as JsonObject))
}

/** Adds a signature beside those that are there. Source: appendices, "Signing JSON". */
export function signJson<T extends JsonObject>(object: T, serverName: string, key: SigningKey): T {
  const signature = encodeBase64(key.sign(signedBytes(object)))
  return {
    ...object,
    signatures: withSignature(object.signatures, serverName, { keyId: key.keyId, signature }),
  }
}

export function withSignature(
  signatures: Json | undefined,
  serverName: string,
  added: { keyId: string; signature: string },
): Record<string, Record<string, string>> {
  const all = (isObject(signatures) ? signatures : {}) as Record<string, Record<string, string>>
  return { ...all, [serverName]: { ...own(all, serverName), [added.keyId]: added.signature } }
}

/** Whether this very key signed the object. Source: appendices, "Checking for a Signature". */
// biome-ignore lint/complexity/useMaxParams: what is signed, by whom, with what, and the means to check it
export function verifyJson(object: JsonObject, serverName: string, key: VerifyKey, crypto: Crypto): boolean {
  const signature = signatureBy(object, serverName, key.keyId)
  return signature !== undefined && crypto.verify(key.publicKey, signedBytes(object), signature)
}

/** The decoded signature under a server and key; undefined when missing or not Base64 of 64 bytes. */
export function signatureBy(
  object: { [key: string]: Json | undefined },
  serverName: string,
  keyId: string,
): Uint8Array | undefined {
  const ofServer = isObject(object.signatures) ? own(object.signatures, serverName) : undefined
  const text = isObject(ofServer) ? own(ofServer, keyId) : undefined
  const bytes = typeof text === 'string' ? decodeBase64(text) : undefined
  return bytes?.length === 64 ? bytes : undefined
}
