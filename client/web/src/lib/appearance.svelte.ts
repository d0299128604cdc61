import { stored } from './stored.svelte.ts'

export type Theme = 'system' | 'light' | 'dark'

const theme = stored<Theme>('theme', 'system')

export const appearance = {
  get theme() {
    return theme.value
  },
  choose(next: Theme) {
    theme.value = next
    apply()
  },
  apply,
}

/** Call once when the page starts, before anything is shown. */
function apply(): void {
  if (theme.value === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme.value
}
