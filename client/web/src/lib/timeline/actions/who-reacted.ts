import type { Reaction } from '../../../../../core/views.ts'
import { language, text } from '../../i18n/language.svelte.ts'
import { session } from '../../session.svelte.ts'

const mostNamed = 10

/** "👍 3: You, Ada and Bo". Oneself comes first, so that it is never among those left out. */
export function whoReacted({ key, count, people, isMine }: Reaction): string {
  const me = session.account?.userId
  const others = people.filter(({ userId }) => userId !== me).map(({ name }) => name)
  const names = isMine ? [text.common.you, ...others] : others
  const rest = names.length - mostNamed
  const named = rest > 1 ? [...names.slice(0, mostNamed), text.composer.othersToo(rest)] : names
  const shown = isPicture({ key }) ? text.composer.customEmoji : key
  return text.composer.reacted(`${shown} ${count}`, new Intl.ListFormat(language.tag).format(named))
}

/** Some clients react with pictures of their own, by address. */
export function isPicture({ key }: Pick<Reaction, 'key'>): boolean {
  return key.startsWith('mxc://')
}
