import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { Content, record } from './schemas.ts'

const Switch = Type.Object({ enabled: Type.Boolean() })

export const getCapabilities = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/capabilities',
  spec: 'client-server-api/#get_matrixclientv3capabilities',
  auth: 'user',
  rate: 'read',
  returns: Type.Object({
    capabilities: Type.Object(
      {
        'm.change_password': Type.Optional(Switch),
        'm.forget_forced_upon_leave': Type.Optional(Switch),
        'm.room_versions': Type.Optional(
          Type.Object({ default: Type.String(), available: record(Type.Enum(['stable', 'unstable'])) }),
        ),
        'm.set_displayname': Type.Optional(Switch),
        'm.set_avatar_url': Type.Optional(Switch),
        'm.3pid_changes': Type.Optional(Switch),
        'm.get_login_token': Type.Optional(Switch),
        'm.profile_fields': Type.Optional(
          Type.Object({
            enabled: Type.Boolean(),
            allowed: Type.Optional(Type.Array(Type.String())),
            disallowed: Type.Optional(Type.Array(Type.String())),
          }),
        ),
        'm.account_moderation': Type.Optional(
          Type.Object({ suspend: Type.Optional(Type.Boolean()), lock: Type.Optional(Type.Boolean()) }),
        ),
      },
      { additionalProperties: Content },
    ),
  }),
})
