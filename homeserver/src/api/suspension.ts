import type { Endpoint } from '@kith/spec/api/endpoint'

/** What a suspended user may still change: what is his own, and leaving. */
const allowed = new Set(
  [
    'logout',
    'logout/all',
    'refresh',
    'devices/{deviceId}',
    'delete_devices',
    'account/password',
    'account/deactivate',
    'rooms/{roomId}/leave',
    'rooms/{roomId}/forget',
    'rooms/{roomId}/redact/{eventId}/{txnId}',
    'rooms/{roomId}/receipt/{receiptType}/{eventId}',
    'rooms/{roomId}/read_markers',
    'user/{userId}/filter',
    'user/{userId}/account_data/{type}',
    'user/{userId}/rooms/{roomId}/account_data/{type}',
  ].map((path) => `/_matrix/client/v3/${path}`),
)

/**
 * Whether a suspended user may call this. Reading is always allowed.
 *
 * Source: client-server API, "Account suspension".
 */
export function mayWhileSuspended({ method, path }: Endpoint): boolean {
  return method === 'GET' || allowed.has(path)
}
