/** Puts the parts of a sync into text. What is shared between readers was encoded before. */
import { isObject, type Json, type JsonObject } from '@kith/spec/json'
import { clientEvent, encodeEvent, federationEvent, type Rendered } from '../events/client-event.ts'
import type { SyncFilter } from '../filters/sync-filter.ts'

/** Events as the elements of a JSON array. */
export function encodeEvents(
  { eventFields, isFederationFormat }: SyncFilter,
  events: readonly Rendered[],
): string {
  if (!eventFields && !isFederationFormat) return events.map((each) => encodeEvent(each, false)).join(',')
  return events
    .map((each) => (isFederationFormat ? federationEvent(each) : (clientEvent(each, false) as JsonObject)))
    .map((event) => JSON.stringify(eventFields ? picked(event, eventFields) : event))
    .join(',')
}

/** `"name":{"events":[…]}` */
export const encodeList = (name: string, events: string) => `"${name}":{"events":[${events}]}`

export const encodePlain = (events: readonly JsonObject[]) =>
  events.map((event) => JSON.stringify(event)).join(',')

/** An event with only some of its fields. Source: client-server-api, "Filtering", `event_fields`. */
function picked(event: JsonObject, fields: readonly string[]): JsonObject {
  const result: JsonObject = {}
  for (const field of fields) copyField(event, result, fieldPath(field))
  return result
}

/** A dot separates names; `\.` is a dot and `\\` a backslash in one. */
function fieldPath(field: string): string[] {
  const names = ['']
  for (const [piece] of field.matchAll(/\\[.\\]|./gs)) {
    if (piece === '.') names.push('')
    else names.push(`${names.pop()}${piece.length === 2 ? piece[1] : piece}`)
  }
  return names
}

function copyField(from: JsonObject, to: JsonObject, path: readonly string[]): void {
  let source: Json = from
  let target = to
  for (const [index, name] of path.entries()) {
    if (!isObject(source) || !Object.hasOwn(source, name)) return
    const value: Json = source[name] as Json
    if (index === path.length - 1) define(target, name, value)
    else {
      const next = Object.hasOwn(target, name) ? target[name] : undefined
      if (!isObject(next)) define(target, name, {})
      target = target[name] as JsonObject
    }
    source = value
  }
}

/** An own property, whatever its name (checklist J9). */
function define(object: JsonObject, name: string, value: Json): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
}
