import type { Entrance } from '../messages.ts'
import { account } from './account.ts'
import { common } from './common.ts'
import { errors } from './errors.ts'

export const entrance: Entrance = { common, errors, account }
