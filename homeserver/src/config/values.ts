import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { isServerName } from '@kith/spec/ids'
import ipaddr from 'ipaddr.js'

/** Where to listen; port 0 takes any free one. */
export interface ListenAddress {
  host: string
  port: number
}

/**
 * Each function below reads one value from its text. It throws an Error whose message completes the sentence
 * "KITH_LISTEN …"; the text itself is added by the caller, who knows whether it is a secret.
 */
export function serverName(text: string): string {
  if (!isServerName(text)) throw new Error('is not a server name, such as example.org or localhost:8448')
  return text
}

/** An address of http or https without query or fragment; a slash at the end goes. */
export function httpUrl(text: string): string {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username) {
    throw new Error('is not an http or https address, such as https://matrix.example.org')
  }
  return url.href.replace(/\/$/, '')
}

/** A file or folder, made absolute from the working directory. */
export function path(text: string): string {
  if (text.includes('\0')) throw new Error('is not a path')
  return resolve(text)
}

/** `HOST:PORT` or `[IPv6]:PORT`. */
export function listenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/i.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (!host || port > 65535 || (match?.[1] && isIP(host) !== 6)) {
    throw new Error('is not HOST:PORT, such as 127.0.0.1:8008 or [::1]:8008')
  }
  return { host, port }
}

/** A PostgreSQL connection URI. */
export function databaseUrl(text: string): string {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) {
    throw new Error('is not a PostgreSQL address, such as postgres://kith@localhost/kith')
  }
  return text
}

/** Addresses and networks, separated by commas; each comes back as a network (`10.0.0.0/8`, `::1/128`). */
export function networks(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(network)
}

function network(text: string): string {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return `${text}/32`
  if (ipaddr.IPv6.isValid(text)) return `${ipaddr.parse(text).toString()}/128`
  if (!ipaddr.isValidCIDR(text)) {
    throw new Error('is not a list of addresses or networks, such as 127.0.0.1,10.0.0.0/8')
  }
  const [address, bits] = ipaddr.parseCIDR(text)
  return `${address.toString()}/${bits}`
}

export const secret = (text: string): string => text

/** One of the words given. */
export const word =
  <const W extends string>(...words: W[]) =>
  (text: string): W => {
    const found = words.find((candidate) => candidate === text)
    if (found === undefined) throw new Error(`is not one of: ${words.join(', ')}`)
    return found
  }

/** One of two words, the first of which means yes. */
export const either = (yes: string, no: string) => (text: string) => word(yes, no)(text) === yes

/** An empty text means that there is no value. */
export const optional =
  <T>(read: (text: string) => T) =>
  (text: string): T | undefined =>
    text === '' ? undefined : read(text)
