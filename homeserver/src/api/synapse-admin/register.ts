import { getRegistrationNonce, registerWithSecret } from '@kith/spec/api/synapse-registration'
import { domainOf } from '@kith/spec/ids'
import { newNonce, registerBySecret } from '../../domain/accounts/shared-secret.ts'
import { serve } from '../serve.ts'

export const secretRegistrationRoutes = [
  serve(getRegistrationNonce, async ({ server }) => ({ nonce: await newNonce(server) })),
  serve(registerWithSecret, async ({ server, body }) => {
    const { userId, session } = await registerBySecret(server, {
      nonce: body.nonce,
      mac: body.mac,
      name: body.username,
      password: body.password,
      isAdmin: body.admin ?? false,
      userType: body.user_type ?? undefined,
      displayName: body.displayname,
    })
    return {
      user_id: userId,
      access_token: session.accessToken,
      device_id: session.deviceId,
      home_server: domainOf(userId),
    }
  }),
]
