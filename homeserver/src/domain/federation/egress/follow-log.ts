import { setTimeout as sleep } from 'node:timers/promises'
import type { Lease } from '../../../log/follower.ts'
import type { Followers } from '../../../log/followers.ts'
import type { Egress } from './egress.ts'
import { shardCount } from './shards.ts'

/** Who has not taken what it is owed after so long is written down, so that the shard's cursor can move on. */
const patienceMs = 1000

/** Holds shards of the servers this one talks to, as many as are this process's part. */
export function followLog(egress: Egress, followers: Followers): Promise<void> {
  const known = new WeakSet<Lease>()
  return followers.follow({
    kind: 'egress',
    shards: shardCount,
    async work({ shard, after, upTo, lease }) {
      if (!known.has(lease)) {
        known.add(lease)
        lease.signal.addEventListener('abort', () => egress.lose(shard), { once: true })
        await egress.gain(shard, after, lease)
      }
      const offered = Math.min(egress.offeredUpTo, upTo)
      await sleep(patienceMs, undefined, { signal: lease.signal })
      await egress.settle(shard, offered)
      return Math.max(offered, after)
    },
  })
}
