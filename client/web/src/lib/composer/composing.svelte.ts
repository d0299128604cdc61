import type { CommandFailure } from '../../../../core/api.ts'
import type { EventItem, TimelineItem } from '../../../../core/views.ts'
import { core } from '../core.ts'
import { failureOf } from '../failures.svelte.ts'
import { onSignOut } from '../on-sign-out.ts'
import { isTouch } from '../ui/input-mode.ts'
import { type Draft, type Mention, readDraft, writeDraft } from './drafts.ts'
import { insertInto, mayTakeFocus, watchForLeaving } from './field.ts'
import { everybody, mentionsInHtml } from './mentions.ts'
import { outgoing, prepareFor } from './outgoing.ts'

export type ComposingMode =
  | { kind: 'new' }
  | { kind: 'reply'; item: EventItem }
  | { kind: 'edit'; item: EventItem }

const kept = new Map<string, Composing>()

/** The same object for the same room. */
export function composingOf(roomId: string): Composing {
  const composing = kept.get(roomId) ?? new Composing(roomId)
  kept.set(roomId, composing)
  return composing
}

onSignOut(() => kept.clear())

/** What is being written in a room, and what becomes of it. */
export class Composing {
  readonly roomId: string
  /** What the last try to send came to, if it came to nothing. */
  failure = $state.raw<CommandFailure>()
  #text = $state('')
  #mentions = $state.raw<Mention[]>([])
  #mode = $state.raw<ComposingMode>({ kind: 'new' })
  #field: HTMLTextAreaElement | undefined
  #wantsFocus = false
  /** What was there before an edit began. */
  #before: { draft: Draft; mode: ComposingMode } | undefined
  /** Messages leave in the order in which they were written. */
  #queue: Promise<void> = Promise.resolve()

  constructor(roomId: string) {
    this.roomId = roomId
    const { text, mentions } = readDraft(roomId)
    this.#text = text
    this.#mentions = mentions
  }

  get text(): string {
    return this.#text
  }

  set text(text: string) {
    this.#text = text
    this.failure = undefined
    this.#keep()
    prepareFor(text)
    void core.commands.setTyping(this.roomId, text.trim() !== '')
  }

  get mode(): ComposingMode {
    return this.#mode
  }

  get canSend(): boolean {
    return this.#text.trim() !== ''
  }

  reply(item: EventItem): void {
    if (this.#mode.kind === 'edit') this.cancel()
    this.#mode = { kind: 'reply', item }
    this.focus()
  }

  edit(item: EventItem): void {
    if (!canEdit(item)) return
    this.#before ??= { draft: this.#draft, mode: this.#mode }
    this.#mode = { kind: 'edit', item }
    this.#show({ text: item.body.text, mentions: mentionsOf(item) })
    this.focus()
  }

  /** @returns whether there was one of mine to edit */
  editLast(items: readonly TimelineItem[]): boolean {
    const last = items.findLast((item): item is EventItem => item.kind === 'event' && canEdit(item))
    if (last) this.edit(last)
    return last !== undefined
  }

  /** Ends a reply or an edit. What was there before an edit comes back. */
  cancel(): void {
    const before = this.#before
    this.#before = undefined
    this.failure = undefined
    if (before && this.#mode.kind === 'edit') {
      this.#mode = before.mode
      this.#show(before.draft)
    } else {
      this.#mode = { kind: 'new' }
    }
    this.stopTyping()
  }

  /** Empties the field at once. If the message can't be queued, it gets its text back. */
  async send(): Promise<void> {
    if (!this.canSend) return
    const [draft, mode] = [this.#draft, this.#mode]
    if (mode.kind === 'edit') {
      this.cancel()
    } else {
      this.#mode = { kind: 'new' }
      this.#show({ text: '', mentions: [] })
      this.stopTyping()
    }
    this.failure = undefined
    if (mode.kind === 'edit' && isUnchanged(draft, mode.item)) return
    const sent = this.#queue.then(() => put(this.roomId, draft, mode))
    this.#queue = sent.catch(() => undefined)
    await sent.catch((error: unknown) => this.#giveBack(draft, mode, error))
  }

  /** Puts text where the caret is, or in place of some before it. */
  insert(text: string, replaced = 0): void {
    if (this.#field) insertInto(this.#field, text, replaced)
    else this.text += text
  }

  /** Puts somebody's name in place of the letters that found it. */
  mention(mention: Mention, typed: number): void {
    this.#mentions = [...this.#mentions.filter(({ userId }) => userId !== mention.userId), mention]
    this.insert(`@${mention.name} `, typed)
  }

  stopTyping(): void {
    void core.commands.setTyping(this.roomId, false)
  }

  /** Now, or when the field is there. */
  focus(): void {
    this.#wantsFocus = this.#field === undefined
    this.#field?.focus()
  }

  /** Attach to the field. It has the focus at once, except where that brings up a keyboard. */
  readonly field = (field: HTMLTextAreaElement): (() => void) => {
    this.#field = field
    if (this.#wantsFocus || (!isTouch() && mayTakeFocus())) this.focus()
    const stopWatching = watchForLeaving(field, () => this.stopTyping())
    return () => {
      stopWatching()
      this.#field = undefined
      this.stopTyping()
    }
  }

  get #draft(): Draft {
    return { text: this.#text, mentions: this.#mentions }
  }

  #show({ text, mentions }: Draft): void {
    this.#text = text
    this.#mentions = mentions
    this.#keep()
  }

  /** An edit is not a draft: the draft is what it interrupted. What was forgotten stays so. */
  #keep(): void {
    if (this.#mode.kind !== 'edit' && kept.get(this.roomId) === this) writeDraft(this.roomId, this.#draft)
  }

  #giveBack(draft: Draft, mode: ComposingMode, error: unknown): void {
    this.failure = failureOf(error)
    if (mode.kind === 'edit') {
      this.#before ??= { draft: this.#draft, mode: this.#mode }
      this.#mode = mode
      this.#show(draft)
      return
    }
    const rest = this.#text === '' ? '' : `\n${this.#text}`
    if (this.#mode.kind === 'new') this.#mode = mode
    this.#show({ text: draft.text + rest, mentions: [...draft.mentions, ...this.#mentions] })
  }
}

type TextItem = EventItem & { body: { kind: 'text' | 'notice' | 'emote' } }

function canEdit(item: EventItem): item is TextItem {
  return item.isMine && item.can.edit && hasText(item)
}

function hasText(item: EventItem): item is TextItem {
  return ['text', 'notice', 'emote'].includes(item.body.kind)
}

function mentionsOf({ body: { text, html } }: TextItem): Mention[] {
  const room = text.includes(everybody) ? [{ userId: everybody, name: everybody.slice(1) }] : []
  return [...room, ...(html === undefined ? [] : mentionsInHtml(html))]
}

function isUnchanged({ text }: Draft, { body }: EventItem): boolean {
  return 'text' in body && body.text === text.trim()
}

async function put(roomId: string, draft: Draft, mode: ComposingMode): Promise<void> {
  const message = await outgoing(draft, mode.kind === 'edit')
  if (mode.kind === 'new') return core.commands.send(roomId, message)
  if (mode.kind === 'edit') {
    const kind = hasText(mode.item) ? mode.item.body.kind : 'text'
    return core.commands.edit(roomId, mode.item.key, { ...message, kind })
  }
  return core.commands.reply(roomId, mode.item.eventId ?? '', message)
}
