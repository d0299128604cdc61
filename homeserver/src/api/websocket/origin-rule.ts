import type { IncomingMessage } from 'node:http'
import type { Origin } from '../client-address.ts'

/**
 * Whether a page of this origin may open a socket: one that this server serves, under the host that was asked or its
 * public address. What is no page sends no Origin, and has nothing of a person's to misuse.
 */
export function isAllowedOrigin(
  { headers }: IncomingMessage,
  { host }: Origin,
  publicUrl: string | undefined,
): boolean {
  const { origin } = headers
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  const page = new URL(origin)
  if (page.protocol !== 'http:' && page.protocol !== 'https:') return false
  if (publicUrl !== undefined && page.origin === new URL(publicUrl).origin) return true
  // The scheme is not compared: behind a proxy that is not trusted we don't know it.
  return hostOf(page.protocol, host) === page.host
}

/** Without the port where it is that of the scheme. */
function hostOf(protocol: string, host: string): string | undefined {
  const address = `${protocol}//${host}`
  return URL.canParse(address) ? new URL(address).host : undefined
}
