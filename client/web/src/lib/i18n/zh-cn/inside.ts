import type { Inside } from '../messages.ts'
import { composer } from './composer.ts'
import { people } from './people.ts'
import { rooms } from './rooms.ts'
import { timeline } from './timeline.ts'

export const inside: Inside = { rooms, timeline, composer, people }
