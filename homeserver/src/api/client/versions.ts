import { getVersions } from '@kith/spec/api/versions'
import { serve } from '../serve.ts'

/** Versions of the specification: the client API of each is a superset of the one before. */
const versions = Array.from({ length: 19 }, (_, index) => `v1.${index + 1}`)

/** Proposals that work here before they are part of the specification, by their unstable names. */
const unstableFeatures: Record<string, boolean> = { 'im.kith.websocket_sync': true }

export const versionRoutes = [
  serve(getVersions, async () => ({ versions, unstable_features: unstableFeatures })),
]
