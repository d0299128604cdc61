import { capabilityRoutes } from './client/capabilities.ts'
import { deviceRoutes } from './client/devices.ts'
import { loginRoutes } from './client/login.ts'
import { logoutRoutes } from './client/logout.ts'
import { passwordRoutes } from './client/password.ts'
import { registerRoutes } from './client/register.ts'
import { versionRoutes } from './client/versions.ts'
import { wellKnownRoutes } from './client/well-known.ts'
import { whoAmIRoutes } from './client/whoami.ts'
import type { Route } from './serve.ts'
import { secretRegistrationRoutes } from './synapse-admin/register.ts'

/** Every operation that this server has, a line per group. */
export const routes: readonly Route[] = [
  ...capabilityRoutes,
  ...deviceRoutes,
  ...loginRoutes,
  ...logoutRoutes,
  ...passwordRoutes,
  ...registerRoutes,
  ...secretRegistrationRoutes,
  ...versionRoutes,
  ...wellKnownRoutes,
  ...whoAmIRoutes,
]
