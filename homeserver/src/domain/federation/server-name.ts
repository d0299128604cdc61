import { isIP } from 'node:net'
import { invalidParam } from '@kith/spec/errors'
import { isServerName } from '@kith/spec/ids'

export interface ServerAddress {
  /** A DNS name, or an IP address without brackets. */
  host: string
  port?: number
  isLiteral: boolean
}

/** Splits a server name, delegated ones included. @throws MatrixError M_INVALID_PARAM */
export function parseServerName(name: string): ServerAddress {
  const [, bracketed, plain, digits] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(name) ?? []
  const host = bracketed ?? plain ?? ''
  const port = digits === undefined ? undefined : Number(digits)
  const isLiteral = isIP(host) !== 0
  const isPortValid = port === undefined || (port > 0 && port < 65_536)
  if (!isServerName(name) || !isPortValid || (bracketed !== undefined && isIP(host) !== 6)) {
    throw invalidParam(`${JSON.stringify(name.slice(0, 255))} is not a server name`)
  }
  return { host: isLiteral ? host : host.toLowerCase(), port, isLiteral }
}
