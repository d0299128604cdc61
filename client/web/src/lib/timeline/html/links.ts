import { find } from 'linkifyjs'

export interface LinkedPart {
  text: string
  /** Of a link: where it leads. */
  href?: string
}

/** Ends a link in Chinese and Japanese, where no space comes after it. */
const stops = /[\u3000-\u303f\uff01\uff08-\uff0c\uff1a\uff1b\uff1f\u201c\u201d\u2026]/

/** The text in parts, those that are links with their address. */
export function findLinks(text: string): LinkedPart[] {
  const parts: LinkedPart[] = []
  let end = 0
  for (const link of find(text, { defaultProtocol: 'https' })) {
    const stop = link.value.search(stops)
    const beyond = stop < 0 ? 0 : link.value.length - stop
    const href = link.href.slice(0, link.href.length - beyond)
    if (!/^(?:https?|ftp|mailto):/i.test(href)) continue
    if (link.start > end) parts.push({ text: text.slice(end, link.start) })
    end = link.end - beyond
    parts.push({ text: text.slice(link.start, end), href })
  }
  if (end < text.length || parts.length === 0) parts.push({ text: text.slice(end) })
  return parts
}
