import { goto } from '$app/navigation'
import type { Account, ConnectionState, SessionState } from '../../../core/api.ts'
import { isEntrance, signInFor, wantedOf } from './account/wanted.ts'
import { addresses } from './addresses.ts'
import { wipeDrafts } from './composer/drafts.ts'
import { core } from './core.ts'
import { forgetEmoji } from './emoji/forget-emoji.ts'
import { forgetAccount } from './on-sign-out.ts'
import { stored } from './stored.svelte.ts'

let state = $state.raw<SessionState>({ kind: 'starting' })
let connection = $state.raw<ConnectionState>({ kind: 'idle', hasSynced: false })
let isOffline = $state(false)
const read = Promise.withResolvers<void>()
const wasSignedIn = stored<'yes' | 'no'>('was-signed-in', 'no')

/** Who is signed in, and how the server is reached. */
export const session = {
  get state() {
    return state
  },
  get connection() {
    return connection
  },
  /** The server is out of reach, also while it is tried again. */
  get isOffline() {
    return isOffline
  },
  get account(): Account | undefined {
    return 'account' in state ? state.account : undefined
  },
  get isSignedIn() {
    return state.kind === 'signed-in'
  },
  /** Known at once, but only likely to be so still. */
  get wasSignedIn() {
    return wasSignedIn.value === 'yes'
  },
  /** Resolves when it is known whether somebody is signed in. */
  known: read.promise,
}

core.watch('session', undefined, (next) => {
  const before = state
  state = next
  if (next.kind === 'starting') return
  read.resolve()
  wasSignedIn.value = next.kind === 'signed-in' ? 'yes' : 'no'
  // Also when it was signed out while no page was open.
  if (next.kind === 'signed-out' || isSomebodyElse(before, next)) wipe()
  if (before.kind === 'signed-in' && next.kind !== 'signed-in') leave(next)
  // Also when it was done in another window.
  if (next.kind === 'signed-in' && isEntrance(location.pathname)) enter()
})
core.watch('connection', undefined, (next) => {
  connection = next
  isOffline = next.kind === 'offline' || (isOffline && next.kind === 'connecting')
})
// The browser knows first. The worker of some browsers isn't told.
addEventListener('online', () => void core.commands.reconnect())

function isSomebodyElse(before: SessionState, next: SessionState): boolean {
  return 'account' in before && 'account' in next && before.account.userId !== next.account.userId
}

/** Nothing of an account stays in the page. */
function wipe(): void {
  forgetAccount()
  wipeDrafts()
  forgetEmoji()
}

function leave(next: Exclude<SessionState, { kind: 'starting' | 'signed-in' }>): void {
  const wasWanted = next.kind === 'signed-out' && next.why === 'by-user'
  void goto(wasWanted ? addresses.login : signInFor(location), { replaceState: true })
}

function enter(): void {
  void goto(wantedOf(new URL(location.href)), { replaceState: true })
}
