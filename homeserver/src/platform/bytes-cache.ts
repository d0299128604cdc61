/**
 * Many small pieces of bytes by number, bounded in bytes, forgetting those not used for longest.
 *
 * A map of objects would weigh several times what it holds, and the collector would walk through all of it. Here a piece costs its
 * own bytes, two for its length and some twenty for its place in an open hash table. There are two generations: what
 * is used is kept in, or copied to, the younger; when that is full the elder goes, and a new one begins.
 */
export interface Piece {
  bytes: Uint8Array
  at: number
  end: number
}

export class BytesCache {
  readonly #limits: { bytes: number; pieces: number }
  #young: Generation
  #old: Generation

  /**
   * @param limitBytes the most it takes, all counted
   * @param typicalBytes of a piece; much smaller ones fill the table before the bytes
   */
  constructor(limitBytes: number, typicalBytes: number) {
    const slots = 2 ** Math.floor(Math.log2(limitBytes / 2 / (typicalBytes * fullest + slotBytes)))
    this.#limits = { bytes: Math.floor(limitBytes / 2 - slots * slotBytes), pieces: slots * fullest }
    this.#young = new Generation(slots, this.#limits.bytes)
    this.#old = this.#young
  }

  /** How many pieces it holds; one in both generations counts twice. */
  get size(): number {
    return this.#young.size + (this.#old === this.#young ? 0 : this.#old.size)
  }

  /** Where the piece lies. It is never overwritten there. */
  get(key: number): Piece | undefined {
    const found = this.#young.get(key)
    if (found || this.#old === this.#young) return found
    const elder = this.#old.get(key)
    if (elder) this.set(key, elder)
    return elder
  }

  /** Copies a piece in. One that is there already stays: a number's bytes never change. */
  set(key: number, piece: Piece): void {
    if (this.#young.get(key)) return
    const { bytes, pieces } = this.#limits
    if (piece.end - piece.at + lengthBytes > bytes || piece.end - piece.at > longestPiece) return
    if (this.#young.size >= pieces || !this.#young.fits(piece)) {
      this.#old = this.#young
      this.#young = new Generation(this.#old.slots, bytes)
    }
    this.#young.add(key, piece)
  }
}

/** Of a hash table that is as full as it may be. */
const fullest = 0.75
/** A number of 53 bits and a place. */
const slotBytes = 12
const lengthBytes = 2
const longestPiece = 0xffff

class Generation {
  readonly slots: number
  size = 0
  readonly #keys: Float64Array
  /** Where in the slab a piece lies, and one more, so that 0 is nothing. */
  readonly #places: Uint32Array
  readonly #slab: Buffer
  #used = 0

  constructor(slots: number, bytes: number) {
    this.slots = slots
    this.#keys = new Float64Array(slots)
    this.#places = new Uint32Array(slots)
    this.#slab = Buffer.allocUnsafeSlow(bytes)
  }

  fits({ at, end }: Piece): boolean {
    return this.#used + lengthBytes + end - at <= this.#slab.length
  }

  get(key: number): Piece | undefined {
    const place = this.#places[this.#slotOf(key)] as number
    if (place === 0) return undefined
    const at = place - 1 + lengthBytes
    return { bytes: this.#slab, at, end: at + this.#slab.readUInt16LE(place - 1) }
  }

  add(key: number, { bytes, at, end }: Piece): void {
    const slot = this.#slotOf(key)
    this.#keys[slot] = key
    this.#places[slot] = this.#used + 1
    this.#slab.writeUInt16LE(end - at, this.#used)
    this.#used += lengthBytes
    for (let from = at; from < end; from++) this.#slab[this.#used++] = bytes[from] as number
    this.size++
  }

  /** The slot that has the key, or the free one where it belongs. */
  #slotOf(key: number): number {
    const mask = this.slots - 1
    let bits = (key >>> 0) ^ Math.imul(Math.floor(key / 2 ** 32), 0x9e3779b1)
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
    let slot = (bits ^ (bits >>> 13)) & mask
    while (this.#places[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & mask
    return slot
  }
}
