import { account } from './en/account.ts'
import { common } from './en/common.ts'
import { composer } from './en/composer.ts'
import { errors } from './en/errors.ts'
import { people } from './en/people.ts'
import { rooms } from './en/rooms.ts'
import { timeline } from './en/timeline.ts'

/** All that the app says, in English. A text with numbers or names in it is a function. */
export const en = { common, errors, account, rooms, timeline, composer, people }

/** Other languages have the same shape: a missing text does not compile. */
export type Messages = typeof en
