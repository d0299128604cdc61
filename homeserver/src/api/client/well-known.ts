import { getWellKnownServer } from '@kith/spec/api/federation/wellknown'
import { getWellKnownClient } from '@kith/spec/api/wellknown'
import { notFound } from '@kith/spec/errors'
import { type Circumstances, serve } from '../serve.ts'

export const wellKnownRoutes = [
  serve(getWellKnownClient, async (request) => ({ 'm.homeserver': { base_url: clientUrl(request) } })),
  serve(getWellKnownServer, async ({ server }) => ({
    'm.server': federationAddress(server.config.publicUrl),
  })),
]

/** Where clients reach us: as configured, else as this client did. */
export function clientUrl({ server, host, isSecure }: Circumstances): string {
  return server.config.publicUrl ?? `${isSecure ? 'https' : 'http'}://${host}`
}

/**
 * Where servers reach us. Only a public address with TLS can be told: without one they find our federation port
 * by our name.
 */
function federationAddress(publicUrl: string | undefined): string {
  const url = publicUrl === undefined ? null : URL.parse(publicUrl)
  if (url?.protocol !== 'https:') throw notFound('Federation is reached by the name of this server')
  return `${url.hostname}:${url.port || 443}`
}
