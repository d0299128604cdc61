import type { CommandFailure, OutgoingMessage } from '../../../../core/api.ts'
import type { Draft } from './drafts.ts'

/** Bytes of content that fit an event of 65,536 whatever the server adds to it. */
const mostBytes = 60_000

/** @throws CommandFailure `too-long` */
export async function outgoing({ text }: Draft, isEdit: boolean): Promise<OutgoingMessage> {
  const message: OutgoingMessage = { text }
  // An edit repeats its text for clients that know no edits.
  const bytes = bytesOf(message) + (isEdit ? bytesOf(text) : 0)
  if (bytes > mostBytes) throw tooLong(bytes)
  return message
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length
}

function tooLong(bytes: number): CommandFailure & Error {
  return Object.assign(new Error(`${bytes} bytes`), {
    name: 'CommandError' as const,
    key: 'too-long' as const,
  })
}
