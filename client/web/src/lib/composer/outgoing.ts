import type { CommandFailure, OutgoingMessage } from '../../../../core/api.ts'
import type { Draft, Mention } from './drafts.ts'
import { everybody, mentionsIn } from './mentions.ts'

/** Bytes of content that fit an event of 65,536 whatever the server adds to it. */
const mostBytes = 60_000

/** @throws CommandFailure `too-long` */
export async function outgoing(draft: Draft, isEdit: boolean): Promise<OutgoingMessage> {
  const text = draft.text.replace(/^\s*\n/, '').trimEnd()
  const mentions = mentionsIn({ ...draft, text })
  const html = await htmlOf(text, mentions)
  const people = mentions.map(({ userId }) => userId).filter((userId) => userId !== everybody)
  const message: OutgoingMessage = {
    text,
    ...(html !== undefined && { html }),
    ...(people.length > 0 && { mentions: people }),
    ...(people.length < mentions.length && { mentionsRoom: true }),
  }
  // An edit repeats its text for clients that know no edits.
  const bytes = bytesOf(message) + (isEdit ? bytesOf(text) : 0)
  if (bytes > mostBytes) throw tooLong(bytes)
  return message
}

/** Fetches what will be needed to send the text. */
export function prepareFor(text: string): void {
  if (mayBeMarkdown(text)) void fetchFormatted()
}

async function htmlOf(text: string, mentions: readonly Mention[]): Promise<string | undefined> {
  if (mentions.length === 0 && !mayBeMarkdown(text)) return undefined
  return (await fetchFormatted())?.formatted(text, mentions)
}

/** `undefined` while there is no network: the words matter more than how they look. */
async function fetchFormatted() {
  return import('./formatted.ts').catch(() => undefined)
}

/** Whether it is worth the while to parse it. */
function mayBeMarkdown(text: string): boolean {
  return /[*_~`[\]\\]|<\S+>|^ {0,3}(#{1,6} |>|[-+] |\d+[.)] |===|---)|^ {4}|^\t/m.test(text)
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
