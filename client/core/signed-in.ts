/** All that the core needs only while somebody is signed in: load-signed-in.ts fetches it when that is so. */

import type { Commands, Topics } from './api.ts'
import { messageCommands } from './commands/messages.ts'
import { readingCommands } from './commands/reading.ts'
import { roomCommands } from './commands/rooms.ts'
import type { AccountCommands, Engine } from './engine.ts'
import { run } from './run-session.ts'
import { allRooms } from './show.ts'
import { type RoomTopic, watchRoom } from './view-life.ts'
import type { RoomEntry } from './views.ts'

export interface SignedIn {
  commands: Omit<Commands, keyof AccountCommands>
  /** Follows the account, until the session ends. */
  run(): void
  allRooms(): RoomEntry[]
  watchRoom<Topic extends RoomTopic>(
    what: { topic: Topic; roomId: string },
    listener: (update: Topics[Topic]['update']) => void,
  ): () => void
}

export function signedIn(engine: Engine): SignedIn {
  const { model } = engine
  return {
    commands: { ...messageCommands(engine), ...readingCommands(engine), ...roomCommands(engine) },
    run: () => run(engine),
    allRooms: () => allRooms(model),
    watchRoom: (what, listener) => watchRoom(model, what, listener),
  }
}
