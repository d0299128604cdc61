import { appearance } from '#lib/appearance.svelte.ts'
import { language } from '#lib/i18n/language.svelte.ts'

/** There is one page for all addresses, and the browser makes of it what they show. */
export const ssr = false

appearance.apply()

export async function load() {
  await language.load()
}
