import type { ServerKeys } from '@kith/spec/api/federation/keys-server'
import type { Crypto, VerifyKey } from '@kith/spec/crypto'
import { own } from '@kith/spec/json'
import type { Clock } from '../../platform/clock.ts'
import type { KeyFetch } from './key-fetch.ts'
import type { KeyStore, KnownKeys } from './key-store.ts'
import type { OwnKeys } from './own-keys.ts'
import { isSignedBy } from './server-keys.ts'

/**
 * `invalid`: the server says that this key is not its own, or was not at that time. `unavailable`: nobody could tell
 * just now, so that what it signed is to be looked at again later.
 */
export type FoundKey = VerifyKey | 'invalid' | 'unavailable'

export interface KeyRequest {
  server: string
  /** `ed25519:abc` */
  keyId: string
  /** Milliseconds since 1970: when it signed. */
  atMs: number
}

/** Whose key is whose. Nothing here throws for what other servers do. */
export interface KeyRing {
  keyFor(request: KeyRequest): Promise<FoundKey>
  /** Many at once, in the order asked. @param deadlineMs after which whatever is not found yet is `unavailable` */
  keysFor(requests: readonly KeyRequest[], deadlineMs?: number): Promise<FoundKey[]>
}

export interface KeyRingOptions {
  store: KeyStore
  fetch: KeyFetch
  crypto: Crypto
  clock: Clock
  /** The keys of a local domain; undefined for others. */
  ownKeys: (domain: string) => OwnKeys | undefined
  /** Servers that are trusted to know the keys of servers that cannot be reached. */
  notaries: readonly string[]
}

export function keyRing(options: KeyRingOptions): KeyRing {
  const { store } = options
  const keysFor = async (requests: readonly KeyRequest[], deadlineMs = 20_000) => {
    const servers = new Set(requests.map(({ server }) => server))
    const unread = [...servers].filter((server) => !options.ownKeys(server) && !store.cached(server))
    if (unread.length > 0) await store.read(unread)
    const found = new Map<string, Promise<FoundKey>>()
    const deadline = after(deadlineMs)
    const one = (request: KeyRequest) => {
      const name = `${request.server} ${request.keyId} ${request.atMs}`
      const finding = found.get(name) ?? Promise.race([findKey(options, request), deadline.reached])
      found.set(name, finding)
      return finding
    }
    try {
      return await Promise.all(requests.map(one))
    } finally {
      deadline.cancel()
    }
  }
  return { keysFor, keyFor: async (request) => (await keysFor([request]))[0] ?? 'unavailable' }
}

function after(ms: number): { reached: Promise<'unavailable'>; cancel: () => void } {
  const { promise, resolve } = Promise.withResolvers<'unavailable'>()
  const timer = setTimeout(() => resolve('unavailable'), ms)
  return { reached: promise, cancel: () => clearTimeout(timer) }
}

async function findKey(options: KeyRingOptions, request: KeyRequest): Promise<FoundKey> {
  const ownKeys = options.ownKeys(request.server)
  if (ownKeys) return ownKeys.find(request.keyId, request.atMs) ?? 'invalid'
  const { store, fetch } = options
  const known = look(store.cached(request.server), request)
  if (known !== 'unknown' && known !== 'too late') return known
  const asked = await fetch.askServer(request.server)
  if (asked === 'recently') await store.read([request.server])
  const answered = look(store.cached(request.server), request)
  if (answered === 'too late' && asked !== 'failed') return 'invalid'
  if (answered !== 'unknown' && answered !== 'too late') return answered
  const vouched = await askNotaries(options, request)
  if (vouched) return vouched
  return asked === 'answered' ? 'invalid' : 'unavailable'
}

/** `too late`: later than the server said its key is valid, which it may have prolonged since. */
function look(
  known: KnownKeys | undefined,
  { keyId, atMs }: KeyRequest,
): VerifyKey | 'invalid' | 'unknown' | 'too late' {
  const key = known?.get(keyId)
  if (!key) return 'unknown'
  if (atMs <= key.validUntil) return { keyId, publicKey: key.publicKey }
  return key.retired ? 'invalid' : 'too late'
}

async function askNotaries(options: KeyRingOptions, request: KeyRequest): Promise<VerifyKey | undefined> {
  for (const notary of options.notaries) {
    if (notary === request.server || options.ownKeys(notary)) continue
    const answers = await options.fetch.askNotary(notary, request).catch(() => [])
    for (const answer of answers) {
      if (!(await isVouchedFor(options, notary, answer))) continue
      await options.store.learn(request.server, answer, 'notary')
    }
    const found = look(options.store.cached(request.server), request)
    if (typeof found === 'object') return found
  }
  return undefined
}

/** Whether the notary signed, with a key that it proved itself to have. */
async function isVouchedFor(options: KeyRingOptions, notary: string, answer: ServerKeys): Promise<boolean> {
  const keyIds = Object.keys(own(answer.signatures, notary) ?? {}).slice(0, 5)
  for (const keyId of keyIds) {
    const request = { server: notary, keyId, atMs: options.clock.now() }
    const key = await findKey({ ...options, notaries: [] }, request)
    if (typeof key === 'object' && isSignedBy(answer, notary, { key, crypto: options.crypto })) return true
  }
  return false
}
