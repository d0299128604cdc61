import { core } from '../core.ts'
import { failureOf } from '../failures.svelte.ts'

/** How long one has to stop typing before the server is asked. */
const pauseMs = 400

interface Question {
  baseUrl: string
  user: string
}

/** Whether a name is still free, while it is typed. */
export class NameCheck {
  #answer = $state.raw<Question & { verdict: 'asked' | 'free' | 'name-taken' | 'name-invalid' | 'unknown' }>()
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @returns undefined for what was not asked */
  verdict(baseUrl: string | undefined, user: string) {
    const answer = this.#answer
    return answer?.baseUrl === baseUrl && answer?.user === user ? answer?.verdict : undefined
  }

  ask(question: Question): void {
    clearTimeout(this.#timer)
    if (question.user === '') return
    this.#timer = setTimeout(() => void this.#ask(question), pauseMs)
  }

  async #ask(question: Question): Promise<void> {
    this.#answer = { ...question, verdict: 'asked' }
    const verdict = await core.commands.isNameFree(question).then(
      (isFree) => (isFree ? 'free' : 'name-taken'),
      (error: unknown) => (failureOf(error).key === 'name-invalid' ? 'name-invalid' : 'unknown'),
    )
    if (this.verdict(question.baseUrl, question.user) === 'asked') this.#answer = { ...question, verdict }
  }
}
