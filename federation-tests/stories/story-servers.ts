import type { ServerKind } from '../harness/server.ts'
import type { Role } from '../harness/world.ts'

const labels = ['alpha', 'beta', 'gamma', 'delta']

/**
 * The servers of a story, called alpha, beta, and so on.
 *
 * KITH_STORY_SERVERS replaces their kinds, for instance `synapse,synapse,synapse`: what a story asks of Kith must
 * hold between servers we did not write.
 */
export function storyKinds(...kinds: ServerKind[]): Role[] {
  const replaced = process.env.KITH_STORY_SERVERS?.split(',') as ServerKind[] | undefined
  return kinds.map((kind, index) => ({
    label: labels[index] ?? `server${index}`,
    kind: replaced?.[index] ?? kind,
  }))
}
