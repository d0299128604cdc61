import type { Messages } from '../messages.ts'
import { account } from './account.ts'
import { common } from './common.ts'
import { composer } from './composer.ts'
import { errors } from './errors.ts'
import { people } from './people.ts'
import { rooms } from './rooms.ts'
import { timeline } from './timeline.ts'

export const zhCn: Messages = { common, errors, account, rooms, timeline, composer, people }
