import type { RoomEvent } from '../events/pdu.ts'
import { isObject, type Json, own } from '../json.ts'
import { fold } from './glob.ts'

/** A path like `content.m\.mentions.room`, split once for all events. */
export interface PropertyPath {
  text: string
  names: string[]
}

/**
 * An event as conditions read it, made once for all whose rules are evaluated: every path is walked once, every
 * text folded once, every list made a set once.
 */
export class FlatEvent {
  readonly sender: string
  readonly roomId: string
  readonly #event: RoomEvent
  readonly #values = new Map<string, Json | undefined>()
  readonly #texts = new Map<string, string | undefined>()
  readonly #lists = new Map<string, ReadonlySet<Json> | undefined>()

  constructor(event: RoomEvent) {
    this.#event = event
    this.sender = event.pdu.sender
    this.roomId = event.roomId
  }

  value(path: PropertyPath): Json | undefined {
    return remembered(this.#values, path.text, () => propertyOf(this.#event, path.names))
  }

  /** The folded text at a path, if it is a text. */
  text(path: PropertyPath): string | undefined {
    return remembered(this.#texts, path.text, () => {
      const value = this.value(path)
      return typeof value === 'string' ? fold(value) : undefined
    })
  }

  /** What is in the list at a path, if it is a list. */
  list(path: PropertyPath): ReadonlySet<Json> | undefined {
    return remembered(this.#lists, path.text, () => {
      const value = this.value(path)
      return Array.isArray(value) ? new Set(value) : undefined
    })
  }
}

function remembered<T>(
  known: Map<string, T | undefined>,
  key: string,
  find: () => T | undefined,
): T | undefined {
  const held = known.get(key)
  if (held !== undefined || known.has(key)) return held
  const found = find()
  known.set(key, found)
  return found
}

function propertyOf({ pdu, eventId, roomId }: RoomEvent, [first = '', ...names]: string[]): Json | undefined {
  let value = first === 'event_id' ? eventId : first === 'room_id' ? roomId : own(pdu, first)
  for (const name of names) value = isObject(value) ? own(value, name) : undefined
  return value
}

/**
 * Splits a path. `\.` is a dot and `\\` a backslash within a name; any other backslash stands for itself.
 *
 * Source: appendices, "Dot-separated property paths".
 */
export function propertyPath(text: string): PropertyPath {
  const names: string[] = []
  let name = ''
  for (let index = 0; index < text.length; index++) {
    const char = text[index]
    if (char === '.') {
      names.push(name)
      name = ''
      continue
    }
    const next = text[index + 1]
    if (char === '\\' && (next === '.' || next === '\\')) index++
    name += text[index]
  }
  return { text, names: [...names, name] }
}
