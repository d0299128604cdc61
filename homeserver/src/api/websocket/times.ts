/** How long a socket may take for what. Milliseconds. */
export interface Times {
  /** For the first frame. */
  authenticateMs: number
  /** Without any frame from the client. */
  silentMs: number
  /** Without an acknowledgement while bodies are on the way, and longer by their size. */
  slowMs: number
  /** To close when we do; then the connection is cut. */
  closingMs: number
}

export const standardTimes: Times = {
  authenticateMs: 5000,
  silentMs: 60_000,
  slowMs: 60_000,
  closingMs: 2000,
}
