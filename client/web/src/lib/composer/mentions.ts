import type { Draft, Mention } from './drafts.ts'

/** Stands for everybody in the room, in place of a user ID. */
export const everybody = '@room'

/** Who is mentioned at a place of a text, where `@name` is: the longest name that fits. */
export function mentionAt(text: string, at: number, mentions: readonly Mention[]): Mention | undefined {
  if (text[at] !== '@' || !canBegin(text, at)) return undefined
  return mentions
    .filter(({ name }) => text.startsWith(name, at + 1) && canEnd(text, at + 1 + name.length))
    .sort((one, other) => other.name.length - one.name.length)[0]
}

/** Those whose `@name` is still in the text. */
export function mentionsIn({ text, mentions }: Draft): Mention[] {
  const found = new Set<Mention>()
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const mention = mentionAt(text, at, mentions)
    if (mention) found.add(mention)
  }
  return [...found]
}

/** Not within an e-mail address. Scripts that put no spaces between words are no obstacle. */
export function canBegin(text: string, at: number): boolean {
  return !/[\w.-]$/.test(text.slice(0, at))
}

function canEnd(text: string, end: number): boolean {
  return !/^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{N}_]/u.test(text.slice(end))
}

/** The people a message links to, so that an edit of it mentions them, too. */
export function mentionsInHtml(html: string): Mention[] {
  const { body } = new DOMParser().parseFromString(html, 'text/html')
  return [...body.querySelectorAll('a')].flatMap((link) => {
    const [, userId] = /^https:\/\/matrix\.to\/#\/(@[^/?]+:[^/?]+)/.exec(decoded(link.href)) ?? []
    const name = link.textContent.trim().replace(/^@/, '')
    return userId === undefined || name === '' ? [] : [{ userId, name }]
  })
}

function decoded(href: string): string {
  try {
    return decodeURIComponent(href)
  } catch {
    return href
  }
}
