/** The life of a session: what runs while somebody is signed in. */

import type { JsonObject } from '@kith/spec/json'
import type { Commands, ConnectionState, SessionState } from './api.ts'
import type { CommandError } from './errors.ts'
import { commit, type Model, wipeModel } from './model.ts'
import type { Sender } from './outbox/sender.ts'
import { personOf } from './rooms/people.ts'
import type { SignedIn } from './signed-in.ts'
import type { StoredSession } from './store/records.ts'
import type { SocketRequest } from './sync/transport.ts'
import { type Waker, waker } from './waiting.ts'

/** Those that need nobody who is signed in, and a few that are small. */
export type AccountCommands = Pick<
  Commands,
  'findHomeserver' | 'signIn' | 'register' | 'isNameFree' | 'signOut' | 'setMyName' | 'person' | 'reconnect'
>

export interface Running {
  abort: AbortController
  sender: Sender
  request(request: SocketRequest): Promise<JsonObject> | undefined
}

export interface Engine {
  readonly model: Model
  readonly waker: Waker
  readonly allowsWebSocket: boolean
  session: SessionState
  connection: ConnectionState
  /** Once it has been fetched, by load-signed-in.ts. */
  signedIn: SignedIn | undefined
  /** While somebody is signed in. */
  running: Running | undefined
  /** Asked after each sync; those that are true are removed. */
  awaiting: Set<() => boolean>
}

export function newEngine(model: Model, allowsWebSocket: boolean): Engine {
  return {
    model,
    allowsWebSocket,
    waker: waker(),
    session: { kind: 'starting' },
    connection: { kind: 'idle', hasSynced: false },
    signedIn: undefined,
    running: undefined,
    awaiting: new Set(),
  }
}

export function setSession(engine: Engine, state: SessionState): void {
  engine.session = state
  engine.model.topics.publish('session', '', state)
}

export function setConnection(engine: Engine, state: Omit<ConnectionState, 'hasSynced'>): void {
  engine.connection = { ...state, hasSynced: engine.model.token !== undefined }
  engine.model.topics.publish('connection', '', engine.connection)
}

export function sessionState(session: StoredSession | undefined): SessionState {
  if (!session) return { kind: 'signed-out' }
  const { userId, deviceId, baseUrl, serverName, profile } = session
  const { name, avatar } = personOf(userId, profile)
  const account = { userId, deviceId, baseUrl, serverName, name, ...(avatar !== undefined && { avatar }) }
  return { kind: session.isLocked ? 'locked' : 'signed-in', account }
}

export function stop(engine: Engine): void {
  engine.running?.abort.abort()
  engine.running = undefined
  for (const isTrue of engine.awaiting) isTrue()
  setConnection(engine, { kind: 'idle' })
}

/** Ends the session here: nothing of it stays. */
export async function forget(engine: Engine, why: 'by-user' | 'by-server'): Promise<void> {
  const { model } = engine
  stop(engine)
  await model.turn(() => wipeModel(model))
  model.topics.publish('rooms', '', { kind: 'reset', entries: [] })
  setConnection(engine, { kind: 'idle' })
  setSession(engine, { kind: 'signed-out', why })
}

/** The server has ended the session, or wants the password again and keeps the rest. */
export async function endByServer(engine: Engine, error: CommandError): Promise<void> {
  const { model } = engine
  if (!error.isSoftLogout) return forget(engine, 'by-server')
  stop(engine)
  await model.turn(async () => {
    if (model.session) await commit(model, { session: { ...model.session, isLocked: true } })
  })
  setSession(engine, sessionState(model.session))
}

/** Waits until a sync has made something true, for 10 s at most: the sync may just be late. */
export async function afterSync(engine: Engine, isTrue: () => boolean): Promise<void> {
  if (isTrue()) return
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer)
      engine.awaiting.delete(check)
      resolve()
    }
    const check = () => {
      const isOver = engine.running === undefined || isTrue()
      if (isOver) end()
      return isOver
    }
    const timer = setTimeout(end, 10_000)
    engine.awaiting.add(check)
  })
}
