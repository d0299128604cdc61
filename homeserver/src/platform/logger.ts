import { type DestinationStream, destination, type Logger, pino } from 'pino'

export type { Logger }

/** Wherever one of these stands in a logged object, at the top or one level down, its value is not written. */
const secretNames = [
  'password',
  'new_password',
  'access_token',
  'refresh_token',
  'token',
  'authorization',
  'secret',
]

/**
 * JSON lines on standard error, or on the stream given. What is logged is chosen by the caller: never a body,
 * a header or an event's content. The removal of well-known names is the second line of defence.
 */
export function openLogger(level: string, stream: DestinationStream = destination(2)): Logger {
  const paths = secretNames.flatMap((name) => [name, `*.${name}`])
  return pino({ level, base: null, redact: { paths, censor: '[removed]' } }, stream)
}
