/** A wrong setting. The message is one line that names it and never holds a secret. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}
