/** The name of an entry of a room's state. */
export type StateKey = string

/** Types and state keys may hold any character (J7), so a NUL in a type is escaped: the first one ends the type. */
export function stateKeyOf(type: string, stateKey: string): StateKey {
  return `${escapeNul(type)}\0${stateKey}`
}

export function splitStateKey(key: StateKey): [type: string, stateKey: string] {
  const at = key.indexOf('\0')
  return [key.slice(0, at).replaceAll('%00', '\0').replaceAll('%25', '%'), key.slice(at + 1)]
}

function escapeNul(type: string): string {
  return type.includes('\0') || type.includes('%')
    ? type.replaceAll('%', '%25').replaceAll('\0', '%00')
    : type
}
