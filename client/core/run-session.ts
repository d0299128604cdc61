import type { JsonObject } from '@kith/spec/json'
import { sendReadings } from './commands/reading.ts'
import { type Engine, endByServer, sessionState, setConnection, setSession } from './engine.ts'
import { CommandError, isPassing, raise } from './errors.ts'
import { call } from './http.ts'
import { commit, signedIn } from './model.ts'
import { type SenderHost, startSender } from './outbox/sender.ts'
import { fetchProfile } from './profile.ts'
import type { OutboxRecord } from './store/records.ts'
import { applySync, clearTyping } from './sync/apply-sync.ts'
import { type ConnectionHost, startConnection } from './sync/connection.ts'
import { gapKey } from './timeline/items.ts'
import { loadGap } from './timeline/paging.ts'
import { fillViews } from './view-life.ts'

/** Follows the account and sends what is queued, until the session ends. */
export function run(engine: Engine): void {
  const { model, waker } = engine
  const abort = new AbortController()
  const { signal } = abort
  const onSignedOut = (error: CommandError) => {
    if (!signal.aborted) endByServer(engine, error).catch(raise)
  }
  const host: SenderHost = { model, waker, signal, onSignedOut, send: (record) => sendRecord(engine, record) }
  const sender = startSender(host)
  const connection = startConnection(connectionHost(engine, { signal, onSignedOut }))
  engine.running = { abort, sender, request: connection.request }
  sender.pumpAll()
  void refreshProfile(engine, signal)
}

function connectionHost(
  engine: Engine,
  { signal, onSignedOut }: Pick<ConnectionHost, 'signal' | 'onSignedOut'>,
) {
  const { model, waker, allowsWebSocket } = engine
  const host: ConnectionHost = {
    access: signedIn(model),
    ...{ waker, allowsWebSocket, signal, onSignedOut },
    since: () => model.token,
    async apply(body) {
      const gapped = await applySync(model, body, Date.now())
      await fillViews(model)
      for (const isTrue of engine.awaiting) isTrue()
      for (const roomId of gapped) void closeGap(engine, roomId)
    },
    onState(state) {
      setConnection(engine, state)
      if (state.kind === 'offline') clearTyping(model)
      if (state.kind !== 'live') return
      waker.wake()
      void sendReadings(engine)
    },
  }
  return host
}

/** In a room that is watched, what was missed is fetched unasked. It can be asked for again if that fails. */
async function closeGap(engine: Engine, roomId: string): Promise<void> {
  const view = engine.model.views.get(roomId)
  const gap = engine.model.rooms.get(roomId)?.gaps.at(-1)
  if (view && gap) await loadGap(engine.model, view, gapKey(gap.before)).catch(raiseUnlessCommand)
}

function raiseUnlessCommand(error: unknown): void {
  if (!(error instanceof CommandError)) raise(error)
}

async function sendRecord(engine: Engine, record: OutboxRecord): Promise<{ event_id: string }> {
  const { roomId, txnId, what } = record
  const access = signedIn(engine.model)
  const signal = engine.running?.abort.signal
  if (what.kind === 'redaction') {
    const body: JsonObject = what.reason === undefined ? {} : { reason: what.reason }
    return call(access, 'redactEvent', { params: { roomId, eventId: what.eventId, txnId }, body, signal })
  }
  const { type: eventType, content } = what
  const request = { method: 'send', room_id: roomId, event_type: eventType, txn_id: txnId, content } as const
  const answer: JsonObject =
    (await engine.running?.request(request)) ??
    (await call(access, 'sendMessage', { params: { roomId, eventType, txnId }, body: content, signal }))
  if (typeof answer.event_id !== 'string')
    throw new CommandError('server-trouble', 'No event ID', { status: 500 })
  return { event_id: answer.event_id }
}

/** My name may have been changed on another device. */
async function refreshProfile(engine: Engine, signal: AbortSignal): Promise<void> {
  try {
    const access = signedIn(engine.model)
    const profile = await fetchProfile(access, access.userId)
    await engine.model.turn(async () => {
      const { session } = engine.model
      if (session && !signal.aborted) await commit(engine.model, { session: { ...session, profile } })
    })
    if (!signal.aborted) setSession(engine, sessionState(engine.model.session))
  } catch (error) {
    if (!isPassing(error)) raiseUnlessCommand(error)
  }
}
