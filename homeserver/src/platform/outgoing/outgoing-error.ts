/**
 * `refused`: an address that must not be reached. `certificate`: the peer could not prove its name.
 * `too large`, `redirects`: the answer went over a limit. `unreachable`: anything else on the way.
 */
export type OutgoingFailure =
  | 'refused'
  | 'certificate'
  | 'timeout'
  | 'too large'
  | 'redirects'
  | 'unreachable'

/** A request got no usable answer. */
export class OutgoingError extends Error {
  override name = 'OutgoingError'
  readonly reason: OutgoingFailure

  constructor(reason: OutgoingFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

const timeouts = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
])

/** OpenSSL's verification errors as Node names them, besides those that begin with CERT_ or ERR_TLS_CERT. */
const certificateErrors = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'HOSTNAME_MISMATCH',
])

/** Says in our words what a socket, TLS or the HTTP client threw. */
export function toOutgoingError(error: unknown): OutgoingError {
  if (error instanceof OutgoingError) return error
  if (!(error instanceof Error)) return new OutgoingError('unreachable', String(error))
  return new OutgoingError(failureOf(error), error.message || codeOf(error), { cause: error })
}

function failureOf(error: Error): OutgoingFailure {
  const code = codeOf(error)
  if (error.name === 'TimeoutError' || error.name === 'AbortError' || timeouts.has(code)) return 'timeout'
  if (certificateErrors.has(code) || code.startsWith('CERT_') || code.startsWith('ERR_TLS_CERT')) {
    return 'certificate'
  }
  return 'unreachable'
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.name
}
