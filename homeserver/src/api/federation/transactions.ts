import { sendTransaction } from '@kith/spec/api/federation/transactions'
import { receiveTransaction } from '../../domain/federation/ingest/transaction.ts'
import { raw } from '../raw.ts'
import { serve } from '../serve.ts'

/** Each event is held to its own limits: together they may have many more keys than other bodies. */
const maxKeys = 2_000_000

export const transactionRoutes = [
  serve(
    sendTransaction,
    async ({ server, caller, params, bodyBytes }) => {
      const transaction = { ...caller, transactionId: params.txnId }
      return raw(await receiveTransaction(server, transaction, bodyBytes))
    },
    { maxKeys },
  ),
]
