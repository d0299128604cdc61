import type { IssuedTokens } from '../../domain/accounts/sign-in.ts'

/** Tokens in the names of the wire. */
export function tokensOnWire({ accessToken, refreshToken, expiresInMs }: IssuedTokens) {
  return { access_token: accessToken, refresh_token: refreshToken, expires_in_ms: expiresInMs }
}

/** What a client asks for, in our names. */
export function signInRequest(body: {
  device_id?: string
  initial_device_display_name?: string
  refresh_token?: boolean
}) {
  return {
    deviceId: body.device_id,
    displayName: body.initial_device_display_name,
    isRefreshable: body.refresh_token ?? false,
  }
}
