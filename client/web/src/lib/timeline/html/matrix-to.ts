export type MatrixLink =
  | { kind: 'person'; userId: string }
  /** `target`: a room ID, or an address such as `#tea:kith.test`. */
  | { kind: 'room'; target: string; eventId?: string }

const prefix = /^https?:\/\/(?:www\.)?matrix\.to\/#\/(.+)$/i

/** What a matrix.to link leads to, if it is one. Source: appendices, "matrix.to navigation". */
export function readMatrixTo(href: string): MatrixLink | undefined {
  const path = prefix.exec(href)?.[1]?.split('?')[0]
  const parts = path?.split('/').map(decoded) ?? []
  const [first, second] = parts
  if (first === undefined || parts.includes(undefined)) return undefined
  if (/^@[^:]*:./.test(first)) return { kind: 'person', userId: first }
  if (!/^#[^:]+:.|^!./.test(first)) return undefined
  return { kind: 'room', target: first, ...(second?.startsWith('$') && { eventId: second }) }
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
