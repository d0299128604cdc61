/**
 * The kinds of change in the log. A number is never reused: an older process skips a kind it does not know.
 */
export const kinds = {
  /** An event got its place in a room's timeline. Row: room, and the target as user where it is a membership. */
  event: 1,
  /** A room's current state moved without a local event in the timeline (resolution, a completed join). */
  roomState: 2,
  /** A user's relation to a room that this server is not in: invite, knock, or their withdrawal. */
  invitation: 3,
  /** Receipts of one room, gathered. */
  receipts: 4,
  /** Account data, global or of a room; push rules too. */
  accountData: 5,
  /** Sessions ended: tokens must stop working on every process. */
  session: 6,
  /** A local user's profile changed. */
  profile: 7,
  /** A redaction took effect on an event that came before. */
  redaction: 8,
  /** A user forgot a room. */
  forget: 9,
} as const

export type KindName = keyof typeof kinds
