import { plural } from '../plural.ts'

export const rooms = {
  chooseChat: 'Choose a chat to read it here.',
  startChat: 'Start a chat',
  /** At the end of a list of names. */
  others: (count: number) => `${count} ${plural(count, 'other', 'others')}`,
  empty: 'Empty chat',
  emptyOf: (names: string) => `Empty chat (with ${names} before)`,
}
