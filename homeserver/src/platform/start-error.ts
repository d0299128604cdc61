/** Why Kith does not start, in one line for whoever started it; it holds no secret. */
export class StartError extends Error {
  override name = 'StartError'
}
