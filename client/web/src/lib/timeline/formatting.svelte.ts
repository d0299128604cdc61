/** What only some messages need, fetched when the first of them is shown. */

import type { Component } from 'svelte'
import type { LinkedPart } from './html/links.ts'

let html = $state.raw<Component<{ html: string }>>()
let findLinks = $state.raw<(text: string) => LinkedPart[]>()
const isWanted = { html: false, links: false }

/** Anything that could be a link: a dot between letters, an address, a scheme. */
const hint = /\p{L}\.\p{L}|:\/\/|@/u

export const formatting = {
  /** Absent until it is here: the plain text stands in for it. */
  get html() {
    if (!isWanted.html) void fetchHtml()
    return html
  },
  /** The text in parts, those that are links with their address. */
  linksIn(text: string): LinkedPart[] {
    if (!hint.test(text)) return [{ text }]
    if (!isWanted.links) void fetchLinks()
    return findLinks?.(text) ?? [{ text }]
  },
}

async function fetchHtml(): Promise<void> {
  isWanted.html = true
  try {
    html = (await import('./html/HtmlMessage.svelte')).default
  } catch {
    // Not to be had now: the next message tries again.
    isWanted.html = false
  }
}

async function fetchLinks(): Promise<void> {
  isWanted.links = true
  try {
    findLinks = (await import('./html/links.ts')).findLinks
  } catch {
    isWanted.links = false
  }
}
