import { stored } from '../stored.svelte.ts'
import { entrance } from './en/entrance.ts'
import type { Entrance, Inside, Messages } from './messages.ts'

export const languages = { en: 'English', 'zh-CN': '简体中文' }
export type LanguageTag = keyof typeof languages

const choice = stored<LanguageTag | 'system'>('language', 'system')
let shown = $state.raw<Shown>({ tag: 'en', entrance })
let isInside = false

interface Shown {
  tag: LanguageTag
  entrance: Entrance
  /** Once somebody is in. */
  inside?: Inside
}

export const language = {
  /** What the app is shown in. */
  get tag() {
    return shown.tag
  },
  /** What was chosen for it. */
  get choice() {
    return choice.value
  },
  /** What the browser asks for. */
  get ofBrowser() {
    return ofBrowser()
  },
  choose(tag: LanguageTag | 'system') {
    choice.value = tag
    return load()
  },
  load,
  /** The same with all texts: before anything is shown to somebody who has signed in. */
  loadAll() {
    isInside = true
    return load()
  },
}

// Another window has chosen.
addEventListener('storage', () => void load())

/** The texts in the language that is shown: `{text.common.cancel}` in a component follows a change of language. */
export const text: Messages = {
  get common() {
    return shown.entrance.common
  },
  get errors() {
    return shown.entrance.errors
  },
  get account() {
    return shown.entrance.account
  },
  get rooms() {
    return inside().rooms
  },
  get timeline() {
    return inside().timeline
  },
  get composer() {
    return inside().composer
  },
  get people() {
    return inside().people
  },
}

function inside(): Inside {
  if (!shown.inside) throw new Error('language.loadAll comes first')
  return shown.inside
}

/** Fetches the texts of the language to show, if they are not here: call before anything is shown. */
async function load(): Promise<void> {
  const tag = wanted()
  const isHere = tag === shown.tag && (!isInside || shown.inside !== undefined)
  const next = isHere ? shown : await fetchTexts(tag)
  if (tag !== wanted()) return
  shown = next
  document.documentElement.lang = tag
}

async function fetchTexts(tag: LanguageTag): Promise<Shown> {
  const [first, rest] = await Promise.all([
    tag === 'en' ? entrance : import('./zh-cn/entrance.ts').then((texts) => texts.entrance),
    isInside ? fetchInside(tag) : undefined,
  ])
  return { tag, entrance: first, inside: rest }
}

async function fetchInside(tag: LanguageTag): Promise<Inside> {
  const texts = tag === 'en' ? import('./en/inside.ts') : import('./zh-cn/inside.ts')
  return (await texts).inside
}

function wanted(): LanguageTag {
  return choice.value === 'system' ? ofBrowser() : choice.value
}

function ofBrowser(): LanguageTag {
  const known = navigator.languages.find((tag) => /^(en|zh)\b/i.test(tag)) ?? 'en'
  return /^zh\b/i.test(known) ? 'zh-CN' : 'en'
}
