import type { Commands, Core, TopicName, Topics } from './api.ts'
import { accountCommands } from './commands/account.ts'
import {
  type AccountCommands,
  type Engine,
  newEngine,
  sessionState,
  setConnection,
  setSession,
  stop,
} from './engine.ts'
import { raise } from './errors.ts'
import { loadSignedIn } from './load-signed-in.ts'
import { loadModel, newModel } from './model.ts'
import type { Store } from './store/store.ts'
import type { RoomTopic } from './view-life.ts'

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
  if (model.session) await loadSignedIn(engine)
  setConnection(engine, { kind: 'idle' })
  setSession(engine, sessionState(model.session))
  if (!model.session?.isLocked) engine.signedIn?.run()
  return {
    commands: allCommands(engine),
    watch: (topic, argument, listener) => watch(engine, { topic, argument }, listener),
    close() {
      stop(engine)
      store.close()
    },
  }
}

function allCommands(engine: Engine): Commands {
  const account = accountCommands(engine)
  const isAccount = (name: PropertyKey): name is keyof AccountCommands => Object.hasOwn(account, name)
  return new Proxy(account as Commands, {
    get(_, name: keyof Commands) {
      if (isAccount(name)) return account[name]
      if (engine.signedIn) return engine.signedIn.commands[name]
      return async (...given: unknown[]) => {
        const { commands } = await loadSignedIn(engine)
        return (commands[name] as (...given: unknown[]) => Promise<unknown>)(...given)
      }
    },
  })
}

function watch<Topic extends TopicName>(
  engine: Engine,
  { topic, argument }: { topic: Topic; argument: Topics[Topic]['argument'] },
  listener: (update: Topics[Topic]['update']) => void,
): () => void {
  if (argument !== undefined) {
    return watchRoom(engine, { topic: topic as Topic & RoomTopic, roomId: argument.roomId }, listener)
  }
  listener(now(engine, topic) as Topics[Topic]['update'])
  return engine.model.topics.add(topic, '', listener)
}

function watchRoom<Topic extends RoomTopic>(
  engine: Engine,
  what: { topic: Topic; roomId: string },
  listener: (update: Topics[Topic]['update']) => void,
): () => void {
  if (engine.signedIn) return engine.signedIn.watchRoom(what, listener)
  let isOver = false
  let end: (() => void) | undefined
  const begin = async () => {
    const part = await loadSignedIn(engine)
    if (!isOver) end = part.watchRoom(what, listener)
  }
  begin().catch(raise)
  return () => {
    isOver = true
    end?.()
  }
}

type Now = Topics['session' | 'connection' | 'refusal' | 'rooms']['update']

function now(engine: Engine, topic: TopicName): Now {
  if (topic === 'refusal') return undefined
  if (topic === 'session') return engine.session
  if (topic === 'connection') return engine.connection
  return { kind: 'reset', entries: engine.signedIn?.allRooms() ?? [] }
}
