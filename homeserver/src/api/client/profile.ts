import {
  deleteProfileField,
  getProfile,
  getProfileField,
  setProfileField as setContract,
} from '@kith/spec/api/profile'
import { profile, profileField, removeProfileField, setProfileField } from '../../domain/profile/profile.ts'
import { serve } from '../serve.ts'

export const profileRoutes = [
  serve(getProfile, async ({ server, params }) => profile(server, params.userId)),
  serve(getProfileField, async ({ server, params }) => ({
    [params.keyName]: await profileField(server, params.userId, params.keyName),
  })),
  serve(setContract, async ({ server, caller, params, body }) => {
    await setProfileField(server, caller, { userId: params.userId, key: params.keyName, body })
    return {}
  }),
  serve(deleteProfileField, async ({ server, caller, params }) => {
    await removeProfileField(server, caller, { userId: params.userId, key: params.keyName })
    return {}
  }),
]
