/** What an implementation makes of an event; `refused` says why where it takes the event up not at all. */
export interface Description {
  refused?: string
  /** Base64. */
  contentHash?: string
  eventId?: string
  /** The canonical form of the redacted event without `unsigned`. */
  redacted?: string
  /** Base64, by the signer of these tests. */
  signature?: string
}

/** Events of one room, each to be judged by a part of the same state. Events are texts of JSON. */
export interface JudgedRoom {
  version: string
  state: readonly string[]
  cases: readonly { event: string; state: readonly number[] }[]
}

/** How an event fared, stage by stage: null where it passed, else why not. A refusal for its format ends the matter. */
export interface Verdicts {
  format?: string
  /** By the list of its auth events alone. */
  list?: string | null
  /** By the state. */
  state?: string | null
  /** The types and state keys that may authorize it. */
  selection?: [type: string, stateKey: string][]
}
