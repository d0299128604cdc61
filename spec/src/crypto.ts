/** What the protocol needs of cryptography. Every implementation accepts and rejects the same inputs. */
export interface Crypto {
  sha256(data: Uint8Array | string): Uint8Array
  /** False, never an exception, for keys and signatures of a wrong length or form. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

/** A key of this server. `keyId` names the algorithm too: `ed25519:abc`. */
export interface SigningKey {
  keyId: string
  publicKey: Uint8Array
  sign(message: Uint8Array): Uint8Array
}

/** A key of somebody else. */
export interface VerifyKey {
  keyId: string
  publicKey: Uint8Array
}
