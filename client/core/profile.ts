import { type Access, call } from './http.ts'
import type { Profile } from './store/records.ts'

export async function fetchProfile(access: Access, userId: string): Promise<Profile> {
  const { displayname, avatar_url: avatar } = await call(access, 'getProfile', { params: { userId } })
  return {
    ...(typeof displayname === 'string' && displayname.trim() !== '' && { name: displayname.trim() }),
    ...(typeof avatar === 'string' && avatar.startsWith('mxc://') && { avatar }),
  }
}
