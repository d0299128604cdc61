import { language } from './language.svelte.ts'

const formats = new Map<string, Intl.ListFormat>()

/** "Ada, Bob and Cem". Making a format is slow: each is kept. */
export function nameList(names: readonly string[]): string {
  let format = formats.get(language.tag)
  if (!format) {
    format = new Intl.ListFormat(language.tag, { type: 'conjunction' })
    formats.set(language.tag, format)
  }
  return format.format(names)
}
