import type { ClientEvent } from '@kith/spec/api/schemas'
import {
  bundledEdit,
  isEditOf,
  isMessage,
  newContentOf,
  redacted,
  redactionTarget,
  relationOf,
} from '../timeline/relations.ts'

/** The last message after some events, with its edits and its redaction. */
export function lastMessage(
  before: ClientEvent | undefined,
  events: readonly ClientEvent[],
): ClientEvent | undefined {
  let last = before
  for (const event of events) {
    if (isMessage(event)) last = withEdit(event, bundledEdit(event))
    else if (last && redactionTarget(event) === last.event_id) last = redacted(last, event)
    else if (last && relationOf(event.content)?.type === 'm.replace' && editTarget(event) === last.event_id) {
      last = withEdit(last, event)
    }
  }
  return last
}

function editTarget(event: ClientEvent): string | undefined {
  return relationOf(event.content)?.eventId
}

function withEdit(event: ClientEvent, edit: ClientEvent | undefined): ClientEvent {
  const content = edit && isEditOf(edit, event) ? newContentOf(edit.content) : undefined
  return content ? { ...event, content } : event
}
