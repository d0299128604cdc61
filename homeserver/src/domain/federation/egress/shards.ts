import { hash } from 'node:crypto'

/** Destinations are spread over so many followers. Fixed: rows name their shard. */
export const shardCount = 64

/** The shard of a server, by a hash that every process computes alike. */
export function shardOf(destination: string): number {
  return hash('sha256', destination, 'buffer').readUInt32BE(0) % shardCount
}
