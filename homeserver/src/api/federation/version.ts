import { getServerVersion } from '@kith/spec/api/federation/version'
import { kithVersion } from '../../platform/version.ts'
import { serve } from '../serve.ts'

export const serverVersionRoutes = [
  serve(getServerVersion, async () => ({ server: { name: 'Kith', version: kithVersion } })),
]
