import { stored } from '../stored.svelte.ts'

/** In rem. */
const least = 17.5
const most = 22.5
/** The avatars alone. */
const collapsed = 4.5

const chosen = stored<string>('list-width', '')

/** How wide the chat list is, where it stands beside a chat. */
export const listWidth = {
  least: collapsed,
  most,
  /** `undefined`: as the window has room. */
  get rem(): number | undefined {
    const rem = Number.parseFloat(chosen.value)
    return Number.isFinite(rem) ? fit(rem) : undefined
  },
  set rem(next: number) {
    chosen.value = String(fit(next))
  },
  /** @param by in rem */
  step(from: number, by: 1 | -1) {
    const isOver = from + by < least
    listWidth.rem = isOver ? (by > 0 ? least : collapsed) : from + by
  },
  /** Wide enough to read names and to type. */
  expand() {
    if (listWidth.rem === collapsed) listWidth.rem = least
  },
}

/** Between collapsed and the least width there is nothing: it snaps. */
function fit(rem: number): number {
  if (rem < (collapsed + least) / 2) return collapsed
  return Math.min(most, Math.max(least, rem))
}
