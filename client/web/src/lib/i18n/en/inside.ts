import { composer } from './composer.ts'
import { people } from './people.ts'
import { rooms } from './rooms.ts'
import { timeline } from './timeline.ts'

/** What is said only to those who have signed in. */
export const inside = { rooms, timeline, composer, people }
