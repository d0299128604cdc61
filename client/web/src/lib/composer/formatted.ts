/** Markdown as HTML. Fetched when a message uses any, since it is large. */

import markdownIt, { type StateInline, type Token } from 'markdown-it'
import type { Mention } from './drafts.ts'
import { everybody, mentionAt } from './mentions.ts'

/** @returns undefined for a text that says the same without HTML */
export function formatted(text: string, mentions: readonly Mention[]): string | undefined {
  const markdown = parser(mentions)
  const tokens = markdown.parse(text, {})
  if (tokens.every(isPlain) && !text.includes('\\')) return undefined
  return inOneParagraph(markdown.renderer.render(tokens, markdown.options, {}).trim())
}

/**
 * CommonMark and strikethrough, without HTML of its own. Images are not among it, as messages may show none from the web,
 * nor are entities: who types `&copy;` means these letters. Links are found so that what is in them isn't taken for
 * Markdown.
 */
function parser(mentions: readonly Mention[]) {
  const markdown = markdownIt('commonmark', { html: false, breaks: true, linkify: true, xhtmlOut: false })
    .enable(['strikethrough', 'linkify'])
    .disable(['image', 'entity'])
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false })
  markdown.inline.ruler.push('mention', (state, silent) => addMention(state, silent, mentions))
  return markdown
}

function addMention(state: StateInline, silent: boolean, mentions: readonly Mention[]): boolean {
  const mention = state.linkLevel > 0 ? undefined : mentionAt(state.src, state.pos, mentions)
  if (!mention || mention.userId === everybody) return false
  if (!silent) {
    const href = `https://matrix.to/#/${encodeURIComponent(mention.userId)}`
    state.push('link_open', 'a', 1).attrs = [['href', href]]
    state.push('text', '', 0).content = `@${mention.name}`
    state.push('link_close', 'a', -1)
  }
  state.pos += mention.name.length + 1
  return true
}

const plain = new Set(['paragraph_open', 'paragraph_close', 'inline', 'text', 'softbreak', 'hardbreak'])

/** Addresses that were only found are links in every client, without HTML. */
function isPlain({ type, info, markup, children }: Token): boolean {
  const isFoundLink = markup === 'linkify' && info === 'auto'
  return (plain.has(type) || isFoundLink) && (children ?? []).every(isPlain)
}

function inOneParagraph(html: string): string {
  const isOne = html.startsWith('<p>') && html.indexOf('</p>') === html.length - '</p>'.length
  return isOne ? html.slice('<p>'.length, -'</p>'.length) : html
}
