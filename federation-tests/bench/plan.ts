/** What the generator is told, as one line of JSON on its standard input. */
export interface Plan {
  /** Where the client API answers. */
  url: string
  /** Each sends one message after the other, waiting for the answer. */
  senders: { token: string; room: string }[]
  /** Not counted; the senders are in full swing when the measuring starts. */
  warmUpMs: number
  measureMs: number
  /** Length of the text of a message. */
  textBytes: number
}

/** What the generator says in the end, as one line of JSON on its standard output. */
export interface Measurement {
  /** Answered with 200 in the time measured. */
  sent: number
  /** Answered with anything else, or not at all. */
  failed: number
  /** The first of these. */
  failure?: string
  perSecond: number
  p50Ms: number
  p95Ms: number
  p99Ms: number
}
