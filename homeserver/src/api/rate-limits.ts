import type { Auth, RateClass } from '@kith/spec/api/endpoint'
import { limitExceeded } from '@kith/spec/errors'
import type { Caller } from '../domain/accounts/caller.ts'
import type { AuthenticatedServer } from '../domain/federation/authentication.ts'
import { type Allowance, TokenBuckets } from '../platform/token-buckets.ts'

type Limited = Exclude<RateClass, 'none'>

interface Limit extends Allowance {
  /** What shares a bucket. A caller without a user or server counts by his address. */
  by: 'caller' | 'device' | 'address'
}

/** How often one caller may do what. A person never meets these; a program in a loop does. */
const limits: Record<Limited, Limit> = {
  read: { by: 'caller', perSecond: 50, burst: 500 },
  write: { by: 'caller', perSecond: 10, burst: 100 },
  send: { by: 'caller', perSecond: 10, burst: 100 },
  sync: { by: 'device', perSecond: 10, burst: 50 },
  login: { by: 'address', perSecond: 0.5, burst: 30 },
  register: { by: 'address', perSecond: 0.2, burst: 20 },
  join: { by: 'caller', perSecond: 0.5, burst: 30 },
  invite: { by: 'caller', perSecond: 1, burst: 50 },
  create: { by: 'caller', perSecond: 0.2, burst: 20 },
  directory: { by: 'caller', perSecond: 2, burst: 50 },
  typing: { by: 'caller', perSecond: 5, burst: 50 },
  receipt: { by: 'caller', perSecond: 10, burst: 100 },
  federation: { by: 'caller', perSecond: 50, burst: 500 },
}

export interface Demand {
  rate: RateClass
  auth: Auth
  caller: Caller | AuthenticatedServer | undefined
  address: string
}

/** @throws MatrixError M_LIMIT_EXCEEDED */
export type RateLimiter = (demand: Demand) => void

/** Limits kept in the memory of this process. */
export function createRateLimiter({ isOn, now }: { isOn: boolean; now: () => number }): RateLimiter {
  const buckets = new Map<RateClass, TokenBuckets>()
  for (const [rate, limit] of Object.entries(limits))
    buckets.set(rate as Limited, new TokenBuckets(limit, now))
  return (demand) => {
    const { rate } = demand
    if (!isOn || rate === 'none' || isExempt(demand)) return
    const waitMs = buckets.get(rate)?.take(bucketKey(limits[rate].by, demand)) ?? 0
    if (waitMs > 0) throw limitExceeded(waitMs)
  }
}

/** Administration, and application services whose registration says so. */
function isExempt({ auth, caller }: Demand): boolean {
  if (auth === 'admin') return true
  return caller !== undefined && 'userId' in caller && caller.appservice?.isRateLimited === false
}

function bucketKey(by: Limit['by'], { caller, address }: Demand): string {
  if (by === 'address' || caller === undefined) return address
  if ('origin' in caller) return caller.origin
  return by === 'device' ? `${caller.userId} ${caller.deviceId}` : caller.userId
}
