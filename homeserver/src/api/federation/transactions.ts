import { sendTransaction } from '@kith/spec/api/federation/transactions'
import { receiveTransaction } from '../../domain/federation/ingest/transaction.ts'
import { raw } from '../raw.ts'
import { serve } from '../serve.ts'

/**
 * Each event is held to limits of its own and fails alone: together they may have many more keys than other bodies, and
 * one that is nested too deep must not keep out the others. What is nested is only parsed here, which does not recurse.
 */
const limits = { maxKeys: 2_000_000, maxDepth: Number.POSITIVE_INFINITY, anyNumber: true }

export const transactionRoutes = [
  serve(
    sendTransaction,
    async ({ server, caller, params, bodyBytes }) => {
      const transaction = { ...caller, transactionId: params.txnId }
      return raw(await receiveTransaction(server, transaction, bodyBytes))
    },
    { limits },
  ),
]
