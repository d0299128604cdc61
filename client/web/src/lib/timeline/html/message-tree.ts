import { findLinks } from './links.ts'
import { readMatrixTo } from './matrix-to.ts'
import { sanitise } from './sanitise.ts'

/** A message's HTML as plain data: what is shown is made of this alone. */
export type MessageNode =
  | string
  | {
      kind: 'element'
      tag: string
      start?: number
      color?: string
      background?: string
      children: MessageNode[]
    }
  /** `language` is that of code; empty where none is said. */
  | { kind: 'code'; language: string; children: MessageNode[] }
  | { kind: 'link'; href: string; children: MessageNode[] }
  | { kind: 'person'; userId: string; name: string }
  | { kind: 'room'; target: string; name: string }
  | { kind: 'spoiler'; about: string; children: MessageNode[] }

/** Source: client-server API, m.room.message: deeper than this is shown as text alone. */
const deepest = 100
const linkSchemes = ['http:', 'https:', 'ftp:', 'mailto:', 'magnet:']

export function messageTree(html: string): MessageNode[] {
  return childrenOf(sanitise(html), { depth: 0, isLinked: false })
}

interface Place {
  depth: number
  /** Inside a link or code, where addresses stay text. */
  isLinked: boolean
}

function childrenOf(parent: Node, { depth, isLinked }: Place): MessageNode[] {
  if (depth >= deepest) return parent.textContent ? [parent.textContent] : []
  return [...parent.childNodes].flatMap((child) => {
    if (child instanceof Text) return textNodes(child.data, isLinked)
    return child instanceof HTMLElement ? elementNodes(child, { depth: depth + 1, isLinked }) : []
  })
}

function textNodes(text: string, isLinked: boolean): MessageNode[] {
  if (isLinked) return [text]
  return findLinks(text).map(({ text: words, href }) =>
    href === undefined ? words : { kind: 'link', href, children: [words] },
  )
}

function elementNodes(element: HTMLElement, place: Place): MessageNode[] {
  const tag = element.localName
  const children = (isLinked = place.isLinked) => childrenOf(element, { ...place, isLinked })
  switch (tag) {
    case 'a':
      return linkNodes(element, children(true))
    case 'img':
      return element.getAttribute('alt') ? [element.getAttribute('alt') ?? ''] : []
    case 'code':
    case 'pre':
      return tag === 'code'
        ? [{ kind: 'code', language: languageOf(element), children: children(true) }]
        : [{ kind: 'element', tag, children: children(true) }]
    case 'span':
      return spanNodes(element, children())
    default:
      return [{ kind: 'element', tag, ...startOf(element), children: children() }]
  }
}

function linkNodes(element: HTMLElement, children: MessageNode[]): MessageNode[] {
  const href = element.getAttribute('href') ?? ''
  if (!URL.canParse(href) || !linkSchemes.includes(new URL(href).protocol)) return children
  const link = readMatrixTo(href)
  const name = element.textContent.trim()
  if (link?.kind === 'person') return [{ ...link, name: name.replace(/^@/, '') }]
  if (link?.kind === 'room') return [{ kind: 'room', target: link.target, name }]
  return [{ kind: 'link', href, children }]
}

function spanNodes(element: HTMLElement, children: MessageNode[]): MessageNode[] {
  const about = element.getAttribute('data-mx-spoiler')
  const color = colorOf(element, 'data-mx-color')
  const background = colorOf(element, 'data-mx-bg-color')
  const span: MessageNode = {
    ...{ kind: 'element', tag: 'span' },
    ...(color && { color }),
    ...(background && { background }),
    children,
  }
  return [about === null ? span : { kind: 'spoiler', about, children: [span] }]
}

function colorOf(element: HTMLElement, name: string): string | undefined {
  return /^#[0-9a-f]{6}$/i.exec(element.getAttribute(name) ?? '')?.[0]
}

function startOf(element: HTMLElement): { start?: number } {
  const start = Number(element.getAttribute('start') ?? Number.NaN)
  return element.localName === 'ol' && Number.isSafeInteger(start) ? { start } : {}
}

function languageOf(element: HTMLElement): string {
  return /(?:^|\s)language-([\w+#.-]+)/.exec(element.className)?.[1] ?? ''
}
