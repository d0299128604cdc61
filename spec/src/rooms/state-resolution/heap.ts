/** A binary heap: `pop` takes the smallest by `compare`. */
export interface Heap<T> {
  push(item: T): void
  pop(): T | undefined
}

export function heap<T>(compare: (a: T, b: T) => number): Heap<T> {
  const items: T[] = []
  const isLess = (a: number, b: number) => compare(items[a] as T, items[b] as T) < 0
  const swap = (a: number, b: number) => {
    const held = items[a] as T
    items[a] = items[b] as T
    items[b] = held
  }
  return {
    push(item) {
      let at = items.push(item) - 1
      while (at > 0 && isLess(at, (at - 1) >> 1)) {
        swap(at, (at - 1) >> 1)
        at = (at - 1) >> 1
      }
    },
    pop() {
      if (items.length === 0) return undefined
      swap(0, items.length - 1)
      const smallest = items.pop()
      for (let at = 0; ; ) {
        let child = 2 * at + 1
        if (child >= items.length) break
        if (child + 1 < items.length && isLess(child + 1, child)) child++
        if (!isLess(child, at)) break
        swap(child, at)
        at = child
      }
      return smallest
    },
  }
}
