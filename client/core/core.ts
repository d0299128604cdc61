import type { Commands, Core, TopicName, Topics } from './api.ts'
import { accountCommands } from './commands/account.ts'
import { messageCommands } from './commands/messages.ts'
import { readingCommands } from './commands/reading.ts'
import { roomCommands } from './commands/rooms.ts'
import { type Engine, newEngine, sessionState, setConnection, setSession, stop } from './engine.ts'
import { loadModel, newModel } from './model.ts'
import { run } from './run-session.ts'
import { allRooms } from './show.ts'
import type { Store } from './store/store.ts'
import { type RoomTopic, watchRoom } from './view-life.ts'

export interface CoreOptions {
  store: Store
  /** Where the server offers it. True unless told. */
  allowsWebSocket?: boolean
}

/** Reads what is stored, and goes on with the session there is. */
export async function openCore({
  store,
  allowsWebSocket = true,
}: CoreOptions): Promise<Core & { close(): void }> {
  const model = newModel(store)
  const engine = newEngine(model, allowsWebSocket)
  await loadModel(model)
  setConnection(engine, { kind: 'idle' })
  setSession(engine, sessionState(model.session))
  if (model.session && !model.session.isLocked) run(engine)
  const commands: Commands = {
    ...accountCommands(engine),
    ...messageCommands(engine),
    ...readingCommands(engine),
    ...roomCommands(engine),
  }
  return {
    commands,
    watch: (topic, argument, listener) => watch(engine, { topic, argument }, listener),
    close() {
      stop(engine)
      store.close()
    },
  }
}

function watch<Topic extends TopicName>(
  engine: Engine,
  { topic, argument }: { topic: Topic; argument: Topics[Topic]['argument'] },
  listener: (update: Topics[Topic]['update']) => void,
): () => void {
  const { model } = engine
  if (argument !== undefined) {
    const roomTopic = topic as Topic & RoomTopic
    return watchRoom(model, { topic: roomTopic, roomId: argument.roomId }, listener)
  }
  listener(now(engine, topic) as Topics[Topic]['update'])
  return model.topics.add(topic, '', listener)
}

type Now = Topics['session' | 'connection' | 'refusal' | 'rooms']['update']

function now(engine: Engine, topic: TopicName): Now {
  if (topic === 'refusal') return undefined
  if (topic === 'session') return engine.session
  if (topic === 'connection') return engine.connection
  return { kind: 'reset', entries: allRooms(engine.model) }
}
