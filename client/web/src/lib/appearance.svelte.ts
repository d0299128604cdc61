import { stored } from './stored.svelte.ts'

export type Theme = 'system' | 'light' | 'dark'

/** Of the text, in percent of what the browser is set to. */
export const textSizes = ['87.5', '100', '112.5', '125', '150'] as const
export type TextSize = (typeof textSizes)[number]

const theme = stored<Theme>('theme', 'system')
const textSize = stored<TextSize>('text-size', '100')

export const appearance = {
  get theme() {
    return theme.value
  },
  set theme(next: Theme) {
    theme.value = next
    apply()
  },
  get textSize() {
    return textSize.value
  },
  set textSize(next: TextSize) {
    textSize.value = next
    apply()
  },
  apply,
}

// Another window has changed it.
addEventListener('storage', apply)

/** Call once when the page starts, before anything is shown. */
function apply(): void {
  const { dataset, style } = document.documentElement
  if (theme.value === 'system') delete dataset.theme
  else dataset.theme = theme.value
  style.setProperty('--root-size', `${textSize.value}%`)
}
