/** The bodies that are on the way to a client and not yet acknowledged. */
export class Window {
  readonly #bodies: { token: string; bytes: number }[] = []
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get isFull(): boolean {
    return this.#bodies.length >= this.#limit
  }

  get isEmpty(): boolean {
    return this.#bodies.length === 0
  }

  get bytes(): number {
    return this.#bodies.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  add(token: string, bytes: number): void {
    this.#bodies.push({ token, bytes })
  }

  /** Takes out what a token covers: its body and those before. @returns whether it was on the way */
  acknowledge(token: string): boolean {
    // Two bodies may end at the same token, as when an empty one is sent: the later counts.
    const index = this.#bodies.findLastIndex((body) => body.token === token)
    this.#bodies.splice(0, index + 1)
    return index >= 0
  }
}
