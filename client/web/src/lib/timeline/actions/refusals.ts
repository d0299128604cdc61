import { core } from '../../core.ts'
import { textOf } from '../../failures.svelte.ts'
import { text } from '../../i18n/language.svelte.ts'
import { toast } from '../../ui/toast.svelte.ts'

/** Says when the server does not take a reaction or a deletion that was shown already. @returns stops */
export function sayRefusals(): () => void {
  return core.watch('refusal', undefined, (refusal) => {
    if (refusal) toast.fail(text.composer.refused[refusal.kind](textOf(refusal.failure)))
  })
}
