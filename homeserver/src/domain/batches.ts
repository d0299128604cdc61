/** Items in lists of a size; the last may be shorter. */
export function batches<T>(items: Iterable<T>, size: number): T[][] {
  const list = [...items]
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  )
}
