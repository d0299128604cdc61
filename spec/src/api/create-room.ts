import type { Static } from 'typebox'
import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { Content, UserId } from './schemas.ts'

const Invite3pid = Type.Object({
  id_server: Type.String(),
  id_access_token: Type.String(),
  medium: Type.String(),
  address: Type.String(),
})

export const CreateRoomBody = Type.Object({
  visibility: Type.Optional(Type.Enum(['public', 'private'])),
  room_alias_name: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  topic: Type.Optional(Type.String()),
  invite: Type.Optional(Type.Array(UserId)),
  invite_3pid: Type.Optional(Type.Array(Invite3pid)),
  room_version: Type.Optional(Type.String()),
  creation_content: Type.Optional(Content),
  initial_state: Type.Optional(
    Type.Array(
      Type.Object({ type: Type.String(), state_key: Type.Optional(Type.String()), content: Content }),
    ),
  ),
  preset: Type.Optional(Type.Enum(['private_chat', 'public_chat', 'trusted_private_chat'])),
  is_direct: Type.Optional(Type.Boolean()),
  power_level_content_override: Type.Optional(Content),
})
export type CreateRoomBody = Static<typeof CreateRoomBody>

export const createRoom = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/createRoom',
  spec: 'client-server-api/#post_matrixclientv3createroom',
  auth: 'user',
  rate: 'create',
  body: CreateRoomBody,
  json: 'canonical',
  returns: Type.Object({ room_id: Type.String() }),
})
