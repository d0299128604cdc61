/** The emoji picker, its words and its data. Fetched when it is first opened. */

import en from 'emoji-picker-element/i18n/en.js'
import zhCn from 'emoji-picker-element/i18n/zh_CN.js'
import Picker from 'emoji-picker-element/picker.js'
import enData from 'emoji-picker-element-data/en/emojibase/data.json?url'
import zhData from 'emoji-picker-element-data/zh/emojibase/data.json?url'
import { type LanguageTag, language } from '../i18n/language.svelte.ts'

const languages: Record<LanguageTag, ConstructorParameters<typeof Picker>[0]> = {
  en: { locale: 'en', i18n: en, dataSource: enData },
  'zh-CN': { locale: 'zh', i18n: zhCn, dataSource: zhData },
}

export function newPicker(onpick: (emoji: string) => void): Picker {
  const picker = new Picker(languages[language.tag])
  picker.addEventListener('emoji-click', ({ detail }) => detail.unicode && onpick(detail.unicode))
  return picker
}
