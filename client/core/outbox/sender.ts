import type { CommandFailure } from '../api.ts'
import { CommandError, failureOf, isPassing, isSignedOut, raise } from '../errors.ts'
import type { Model } from '../model.ts'
import type { OutboxRecord } from '../store/records.ts'
import { backoffMs, type Waker } from '../waiting.ts'
import { isDispensable, markSending, removeRecord, roomOutbox, saveRecord } from './outbox.ts'

export interface Sender {
  /** Sends what is queued in a room, one after the other; does nothing if that is being done. */
  pump(roomId: string): void
  pumpAll(): void
  /** Resolves when an attempt to send a record is over: with what became of it, `undefined` if it is gone. */
  settled(txnId: string): Promise<OutboxRecord | undefined>
}

export interface SenderHost {
  model: Model
  signal: AbortSignal
  /** Woken when the connection comes back. */
  waker: Waker
  /** Sends one record, over whatever connection there is. @throws CommandError */
  send(record: OutboxRecord): Promise<{ event_id: string }>
  onSignedOut(error: CommandError): void
}

interface Sending extends SenderHost {
  /** By transaction ID: ends when the attempt does. */
  attempts: Map<string, Promise<CommandError | undefined>>
}

export function startSender(given: SenderHost): Sender {
  const rooms = new Set<string>()
  const host: Sending = { ...given, attempts: new Map() }
  const { model, signal } = host
  const pump = (roomId: string) => {
    if (rooms.has(roomId) || signal.aborted) return
    rooms.add(roomId)
    void drain(host, roomId)
      .catch((error: unknown) => {
        if (!signal.aborted) raise(error)
      })
      .finally(() => {
        rooms.delete(roomId)
        // Something may have come between the last look and here.
        if (!signal.aborted && nextOf(model, roomId)) pump(roomId)
      })
  }
  return {
    pump,
    pumpAll() {
      for (const roomId of new Set([...model.outbox.values()].map((record) => record.roomId))) pump(roomId)
    },
    async settled(txnId) {
      await host.attempts.get(txnId)
      return model.outbox.get(txnId)
    },
  }
}

function nextOf(model: Model, roomId: string): OutboxRecord | undefined {
  return roomOutbox(model, roomId).find(({ state }) => state === 'queued')
}

async function drain(host: Sending, roomId: string): Promise<void> {
  let failures = 0
  for (let record = nextOf(host.model, roomId); record; record = nextOf(host.model, roomId)) {
    const attempted = attempt(host, record)
    host.attempts.set(record.txnId, attempted)
    const error = await attempted.finally(() => host.attempts.delete(record.txnId))
    if (error === undefined) {
      failures = 0
      continue
    }
    if (isSignedOut(error)) return host.onSignedOut(error)
    failures++
    await host.waker.wait(error.retryAfterMs ?? backoffMs(failures), host.signal)
  }
}

/** @returns why it has to be tried again; undefined when that record is done with, well or not */
async function attempt(host: SenderHost, record: OutboxRecord): Promise<CommandError | undefined> {
  const { model } = host
  const sending = await markSending(model, record)
  if (!sending) return undefined
  try {
    const { event_id: eventId } = await host.send(sending)
    await settle(model, record, { state: 'sent', eventId })
    return undefined
  } catch (error) {
    host.signal.throwIfAborted()
    if (error instanceof CommandError && (isPassing(error) || isSignedOut(error))) {
      await settle(model, record, { state: 'queued' })
      return error
    }
    await settle(model, record, { state: 'failed', failure: failureOf(error) })
    return undefined
  }
}

/** A record that came back by sync while its answer was on the way is gone already. */
async function settle(
  model: Model,
  { txnId }: OutboxRecord,
  outcome: Pick<OutboxRecord, 'state' | 'eventId' | 'failure'>,
): Promise<void> {
  await model.turn(async () => {
    const record = model.outbox.get(txnId)
    if (!record) return
    if (outcome.failure && isDispensable(record)) {
      await removeRecord(model, record)
      tellRefusal(model, record, outcome.failure)
    } else {
      await saveRecord(model, { ...record, ...outcome })
    }
  })
}

function tellRefusal(model: Model, { roomId, what }: OutboxRecord, failure: CommandFailure): void {
  // It is there already, from elsewhere.
  if (failure.errcode === 'M_DUPLICATE_ANNOTATION') return
  const kind = what.kind === 'redaction' ? 'deletion' : 'reaction'
  model.topics.publish('refusal', '', { roomId, kind, failure })
}
