/** The last changes of something, in order, so that whoever knows an older version can catch up. */
export class RecentChanges<T> {
  #items: T[] = []
  #start = 0

  /** The version after the last change. */
  get end(): number {
    return this.#start + this.#items.length
  }

  add(item: T): void {
    this.#items.push(item)
    if (this.#items.length <= 2 * kept) return
    this.#items = this.#items.slice(-kept)
    this.#start = this.#start + kept + 1
  }

  /** What changed since a version; undefined when that is too long ago to tell. */
  since(version: number): readonly T[] | undefined {
    return version < this.#start ? undefined : this.#items.slice(version - this.#start)
  }
}

const kept = 1000
