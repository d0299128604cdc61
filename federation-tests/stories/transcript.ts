/** A message and what became of it. */
export interface Message {
  eventId: string
  author: string
  text: string
  edits: { eventId: string; text: string; redacted: boolean }[]
  reactions: { eventId: string; redacted: boolean }[]
  redacted: boolean
}

/** What was said in a room according to those who said it: only what a server answered with 200. */
export interface Transcript {
  room: string
  messages: Message[]
  /** Event ids of messages, edits, reactions and redactions by user id, in the order sent. */
  sent: Map<string, string[]>
  /** The same of all together. */
  order: string[]
  note(sender: string, eventId: string): void
}

export function newTranscript(room: string, onSaid?: (events: number) => void): Transcript {
  const sent = new Map<string, string[]>()
  return {
    room,
    messages: [],
    sent,
    order: [],
    note(sender, eventId) {
      sent.set(sender, [...(sent.get(sender) ?? []), eventId])
      this.order.push(eventId)
      onSaid?.(this.order.length)
    },
  }
}

/** The text that everybody must see in the end; undefined when the message was redacted. */
export function finalText(message: Message): string | undefined {
  if (message.redacted) return undefined
  return message.edits.findLast((edit) => !edit.redacted)?.text ?? message.text
}
