import { account } from './account.ts'
import { common } from './common.ts'
import { errors } from './errors.ts'

/** What is said before anybody has signed in. */
export const entrance = { common, errors, account }
