// Where implementations of Ed25519 differ is decided here, before they are asked, in the strict sense of libsodium:
// keys and commitments must not have a small order, keys must be canonical and S below the order of the group.
// A commitment R that is not canonical fails everywhere, since its bytes are compared.

/** The group order L = 2^252 + 27742317777372353535851937790883648493, little end first. */
const order = Uint8Array.fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')

/** The y coordinates (the sign bit is cleared) of all points of order 1, 2, 4 and 8, and their encodings above the prime. */
const smallOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => Uint8Array.fromHex(hex))

export function isStrictPublicKey(key: Uint8Array): boolean {
  return key.length === 32 && isCanonicalPoint(key) && !hasSmallOrder(key)
}

export function isStrictSignature(signature: Uint8Array): boolean {
  return signature.length === 64 && isCanonicalScalar(signature) && !hasSmallOrder(signature)
}

/** Whether y is below the prime 2^255 - 19. */
function isCanonicalPoint(key: Uint8Array): boolean {
  if (((key[31] as number) & 0x7f) !== 0x7f) return true
  for (let i = 30; i > 0; i--) if (key[i] !== 0xff) return true
  return (key[0] as number) < 0xed
}

function isCanonicalScalar(signature: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const difference = (signature[32 + i] as number) - (order[i] as number)
    if (difference !== 0) return difference < 0
  }
  return false
}

function hasSmallOrder(point: Uint8Array): boolean {
  return smallOrder.some((known) => {
    for (let i = 0; i < 31; i++) if (point[i] !== known[i]) return false
    return ((point[31] as number) & 0x7f) === known[31]
  })
}
