/** What other servers send: transactions of events and of what is soon forgotten. */
import { invalidParam } from '@kith/spec/errors'
import { splitJson } from '@kith/spec/split-json'
import {
  forgetOldTransactions,
  type ReceivedTransaction,
  storeTransactionAnswer,
  transactionAnswer,
} from '../../../storage/received-transactions.ts'
import type { Homeserver } from '../../homeserver.ts'
import { receiveEdus } from './receive-edus.ts'
import { receivePdus } from './receive-pdus.ts'

/** Source: server-server API, "Transactions". */
const maxPdus = 50
const maxEdus = 100

/**
 * Takes a transaction; what it holds is durable once this resolves. A repeated one is answered as the first, and done
 * once, also by another process or after a restart (checklist F2). Only those with events are remembered: to do the
 * rest again changes nothing.
 *
 * @param body as it came
 * @returns the answer, JSON
 * @throws MatrixError M_INVALID_PARAM; Unverifiable, and what is thrown in an outage: the sender tries again
 */
export async function receiveTransaction(
  server: Homeserver,
  transaction: ReceivedTransaction,
  body: Uint8Array,
): Promise<string> {
  const { items } = splitJson(body, new Set(['pdus', 'edus']))
  const pdus = items.get('pdus') ?? []
  const edus = items.get('edus') ?? []
  if (pdus.length > maxPdus) throw invalidParam(`a transaction holds at most ${maxPdus} PDUs`)
  if (edus.length > maxEdus) throw invalidParam(`a transaction holds at most ${maxEdus} EDUs`)
  server.federation.backOff.succeeded(transaction.origin)
  const { origin, destination, transactionId } = transaction
  return server.receiving.run(JSON.stringify([origin, destination, transactionId]), async () => {
    const before = pdus.length > 0 ? await transactionAnswer(server.database, transaction) : undefined
    if (before !== undefined) return before
    const results = await receivePdus(server, transaction, pdus)
    await receiveEdus(server, transaction, edus)
    const answer = JSON.stringify({ pdus: Object.fromEntries(results) })
    if (pdus.length > 0) await remember(server, transaction, answer)
    return answer
  })
}

/** One in this many sweeps the old ones away. */
const sweepEvery = 1000
let untilSweep = sweepEvery

async function remember(server: Homeserver, transaction: ReceivedTransaction, answer: string): Promise<void> {
  await storeTransactionAnswer(server.database, transaction, answer)
  if (--untilSweep > 0) return
  untilSweep = sweepEvery
  await forgetOldTransactions(server.database)
}
