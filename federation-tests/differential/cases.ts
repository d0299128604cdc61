/** Events of one room, each to be judged by a part of the same state. Events are texts of JSON. */
export interface JudgedRoom {
  version: string
  state: readonly string[]
  cases: readonly { event: string; state: readonly number[] }[]
}

/** How an event fared, stage by stage: null where it passed, else why not; and what was made of it. */
export interface Verdicts {
  /** Why the event was not even taken up. All else is absent then. */
  format?: string
  /** By its auth events alone, or for a create event by itself. */
  list?: string | null
  /** By the state. */
  state?: string | null
  /** The types and state keys that may authorize it. */
  selection?: [type: string, stateKey: string][]
  eventId?: string
  /** Base64. */
  contentHash?: string
  /** The canonical form of the redacted event without `unsigned`. */
  redacted?: string
}

/** One event on which we and Synapse differ. */
export interface Disagreement {
  version: string
  /** `format`, `list`, `state`, `selection`, or the name of a form of the event. */
  stage: string
  event: string
  /** The state it was judged by. */
  state: readonly string[]
  /** Why it was refused, or what was made of it. */
  ours: string
  theirs: string
}
