import { stored } from '../stored.svelte.ts'
import { en, type Messages } from './messages.ts'

export const languages = { en: 'English', 'zh-CN': '简体中文' }
export type LanguageTag = keyof typeof languages

const choice = stored<LanguageTag | 'system'>('language', 'system')
let shown = $state.raw<{ tag: LanguageTag; messages: Messages }>({ tag: 'en', messages: en })

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
}

// Another window has chosen.
addEventListener('storage', () => void load())

/** The texts in the language that is shown: `{text.common.cancel}` in a component follows a change of language. */
export const text: Messages = {
  get common() {
    return shown.messages.common
  },
  get errors() {
    return shown.messages.errors
  },
  get account() {
    return shown.messages.account
  },
  get rooms() {
    return shown.messages.rooms
  },
  get timeline() {
    return shown.messages.timeline
  },
  get composer() {
    return shown.messages.composer
  },
  get people() {
    return shown.messages.people
  },
}

/** Fetches the texts of the language to show, if they are not here: call before anything is shown. */
async function load(): Promise<void> {
  const tag = choice.value === 'system' ? ofBrowser() : choice.value
  if (tag === shown.tag && document.documentElement.lang === tag) return
  const messages = tag === 'en' ? en : (await import('./zh-cn/messages.ts')).zhCn
  shown = { tag, messages }
  document.documentElement.lang = tag
}

function ofBrowser(): LanguageTag {
  const known = navigator.languages.find((tag) => /^(en|zh)\b/i.test(tag)) ?? 'en'
  return /^zh\b/i.test(known) ? 'zh-CN' : 'en'
}
