import type { CommandFailure } from '../../../core/api.ts'
import { text } from './i18n/language.svelte.ts'

/** What a command rejected with. Anything else is a bug, and is shown as one without its words. */
export function failureOf(error: unknown): CommandFailure {
  if (error instanceof Error && 'key' in error) return error as CommandFailure
  console.error(error)
  return { name: 'CommandError', key: 'unknown', message: String(error) }
}

export function textOf({ key, retryAfterMs }: CommandFailure): string {
  if (key === 'rate-limited' && retryAfterMs !== undefined) {
    return text.common.tryAgainIn(Math.max(1, Math.ceil(retryAfterMs / 1000)))
  }
  return text.errors[key]
}

/** One action at a time, with what came of it: for the buttons of a form or a dialog. */
export class Action {
  isBusy = $state(false)
  failure = $state.raw<CommandFailure>()

  /** @returns whether it worked; while one runs, another does nothing */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.isBusy) return false
    this.isBusy = true
    this.failure = undefined
    try {
      await work()
      return true
    } catch (error) {
      this.failure = failureOf(error)
      return false
    } finally {
      this.isBusy = false
    }
  }
}
