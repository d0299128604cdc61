import { isUserId } from '@kith/spec/ids'
import * as accounts from '../accounts.ts'
import { findHomeserver } from '../discovery.ts'
import { type AccountCommands, type Engine, forget, sessionState, setSession, stop } from '../engine.ts'
import { CommandError, withKey } from '../errors.ts'
import { call } from '../http.ts'
import { loadSignedIn } from '../load-signed-in.ts'
import { commit, signedIn, wipeModel } from '../model.ts'
import { fetchProfile } from '../profile.ts'
import { personOf } from '../rooms/people.ts'
import type { StoredSession } from '../store/records.ts'

const signOutWithinMs = 5000

export function accountCommands(engine: Engine): AccountCommands {
  const { model } = engine
  return {
    findHomeserver,
    isNameFree: accounts.isNameFree,
    async signIn(input) {
      // First, so that no session is lost where it can't be had.
      await loadSignedIn(engine)
      const locked = model.session?.isLocked ? model.session : undefined
      await begin(engine, await accounts.signIn(input, locked?.deviceId))
    },
    async register(input) {
      await loadSignedIn(engine)
      await begin(engine, await accounts.register(input))
    },
    async signOut() {
      const { session } = model
      if (!session) return
      stop(engine)
      // Without a network the token lives on at the server, but not here.
      if (!session.isLocked)
        await call(session, 'logout', { body: {}, timeoutMs: signOutWithinMs }).catch(() => {})
      await forget(engine, 'by-user')
    },
    async setMyName(name) {
      const access = signedIn(model)
      const params = { userId: access.userId, keyName: 'displayname' }
      await call(access, 'setProfileField', { params, body: { displayname: name.trim() } })
      await model.turn(async () => {
        const { session } = model
        if (!session) return
        const profile = { ...session.profile, name: name.trim() || undefined }
        await commit(model, { session: { ...session, profile } })
      })
      setSession(engine, sessionState(model.session))
    },
    async person(userId) {
      if (!isUserId(userId)) throw new CommandError('invalid-input', 'Not the ID of a person')
      const profile = await fetchProfile(signedIn(model), userId).catch((error: unknown) =>
        Promise.reject(withKey(error, { M_NOT_FOUND: 'no-such-person' })),
      )
      return personOf(userId, profile)
    },
    async reconnect() {
      engine.waker.wake()
    },
  }
}

/** What is stored stays only if the same account goes on on the same device. */
async function begin(engine: Engine, session: StoredSession): Promise<void> {
  const { model } = engine
  stop(engine)
  await model.turn(async () => {
    const before = model.session
    const goesOn = before?.userId === session.userId && before.deviceId === session.deviceId
    if (!goesOn) await wipeModel(model)
    await commit(model, { session: { ...session, profile: goesOn ? before?.profile : undefined } })
  })
  setSession(engine, sessionState(session))
  engine.signedIn?.run()
}
