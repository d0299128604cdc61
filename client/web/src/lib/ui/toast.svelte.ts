import { failureOf, textOf } from '../failures.svelte.ts'

export interface ToastMessage {
  text: string
  isFailure: boolean
}

const shownForMs = 6_000
let shown = $state.raw<ToastMessage>()
let timer: ReturnType<typeof setTimeout> | undefined

/** For what has no place of its own on the screen. There is one at a time. */
export const toast = {
  get shown() {
    return shown
  },
  say(text: string) {
    show({ text, isFailure: false })
  },
  fail(text: string) {
    show({ text, isFailure: true })
  },
  /** @returns whether it worked; if not, that is said */
  async attempt(work: Promise<unknown>): Promise<boolean> {
    try {
      await work
      return true
    } catch (error) {
      toast.fail(textOf(failureOf(error)))
      return false
    }
  },
  dismiss() {
    clearTimeout(timer)
    shown = undefined
  },
}

function show(next: ToastMessage): void {
  toast.dismiss()
  shown = next
  timer = setTimeout(toast.dismiss, shownForMs)
}
