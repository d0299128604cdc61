import { canonicalJson } from '@kith/spec/canonical-json'
import type { ReceiptsChange } from '../../../storage/receipts.ts'
import type { EventNumber, StoredEvent } from '../../../storage/stored-event.ts'
import type { Homeserver } from '../../homeserver.ts'
import { receiptEdusOf } from '../../receipts/receipt-edu.ts'
import { pduBytes } from '../../rooms/pdu-bytes.ts'

/** One thing that a server is owed. */
export interface Parcel {
  /** Log position; absent for what is worth nothing later, such as typing. */
  position?: number
  kind: 'pdu' | 'edu'
  /** Which event it is, if it is one. */
  event?: EventNumber
  /** JSON. */
  text: string
}

/** Limits of one transaction. Source: server-server-api, "Transactions". */
export const maxPdus = 50
export const maxEdus = 100

const texts = new WeakMap<StoredEvent, string>()

/** An event as it is sent. Encoded once for all servers. */
export function eventParcel(event: StoredEvent, position: number): Parcel {
  const held = texts.get(event)
  const text = held ?? pduBytes(event.pdu).toString()
  if (held === undefined) texts.set(event, text)
  return { position, kind: 'pdu', event: event.number, text }
}

/** Public receipts of local users in one room. Source: server-server-api, "Receipts". */
export async function receiptParcels(
  server: Homeserver,
  change: ReceiptsChange,
  position: number,
): Promise<Parcel[]> {
  const contents = await receiptEdusOf(server, change)
  return contents.map((content) => ({
    position,
    kind: 'edu',
    text: canonicalJson({ edu_type: 'm.receipt', content }),
  }))
}

/** Source: server-server-api, "Typing Notifications". */
export function typingParcel(content: { room_id: string; user_id: string; typing: boolean }): Parcel {
  return { kind: 'edu', text: canonicalJson({ edu_type: 'm.typing', content }) }
}

/** The first parcels that fit into one transaction. */
export function oneTransaction(parcels: readonly Parcel[]): Parcel[] {
  const taken: Parcel[] = []
  const counts = { pdu: 0, edu: 0 }
  for (const parcel of parcels) {
    const limit = parcel.kind === 'pdu' ? maxPdus : maxEdus
    if (counts[parcel.kind] === limit) break
    counts[parcel.kind]++
    taken.push(parcel)
  }
  return taken
}

/** The body of a transaction: the texts are joined, nothing is encoded again. */
export function transactionBody(origin: string, at: number, parcels: readonly Parcel[]): string {
  const list = (kind: Parcel['kind']) =>
    parcels
      .filter((parcel) => parcel.kind === kind)
      .map((parcel) => parcel.text)
      .join(',')
  // In canonical order: the signature covers the canonical form, and this is it already.
  return `{"edus":[${list('edu')}],"origin":${JSON.stringify(origin)},"origin_server_ts":${at},"pdus":[${list('pdu')}]}`
}
