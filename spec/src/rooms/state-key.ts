/** The name of an entry of a room's state. */
export type StateKey = string

const needsEscape = /[\0\x01]/

/** Types and state keys may hold any character (J7), so a NUL in a type is escaped: the first one ends the type. */
export function stateKeyOf(type: string, stateKey: string): StateKey {
  const name = needsEscape.test(type)
    ? type.replaceAll('\x01', '\x01\x01').replaceAll('\0', '\x01\x02')
    : type
  return `${name}\0${stateKey}`
}

export function splitStateKey(key: StateKey): [type: string, stateKey: string] {
  const at = key.indexOf('\0')
  const type = key.slice(0, at).replace(/\x01[\x01\x02]/g, (pair) => (pair === '\x01\x02' ? '\0' : '\x01'))
  return [type, key.slice(at + 1)]
}
