import { accountDataRoutes } from './client/account-data.ts'
import { banningRoutes } from './client/banning.ts'
import { capabilityRoutes } from './client/capabilities.ts'
import { contextRoutes } from './client/context.ts'
import { createRoomRoutes } from './client/create-room.ts'
import { deviceRoutes } from './client/devices.ts'
import { directoryRoutes } from './client/directory.ts'
import { eventRoutes } from './client/event.ts'
import { filterRoutes } from './client/filter.ts'
import { invitingRoutes } from './client/inviting.ts'
import { joiningRoutes } from './client/joining.ts'
import { kickingRoutes } from './client/kicking.ts'
import { knockingRoutes } from './client/knocking.ts'
import { leavingRoutes } from './client/leaving.ts'
import { joinedRoomsRoutes } from './client/list-joined-rooms.ts'
import { loginRoutes } from './client/login.ts'
import { logoutRoutes } from './client/logout.ts'
import { memberRoutes } from './client/members.ts'
import { messagesRoutes } from './client/messages.ts'
import { passwordRoutes } from './client/password.ts'
import { profileRoutes } from './client/profile.ts'
import { pushRuleRoutes } from './client/push-rules.ts'
import { receiptRoutes } from './client/receipts.ts'
import { redactionRoutes } from './client/redaction.ts'
import { registerRoutes } from './client/register.ts'
import { relationRoutes } from './client/relations.ts'
import { roomSendRoutes } from './client/room-send.ts'
import { roomStateRoutes } from './client/room-state.ts'
import { roomUpgradeRoutes } from './client/room-upgrades.ts'
import { syncRoutes } from './client/sync.ts'
import { typingRoutes } from './client/typing.ts'
import { versionRoutes } from './client/versions.ts'
import { wellKnownRoutes } from './client/well-known.ts'
import { whoAmIRoutes } from './client/whoami.ts'
import { enteringRoutes } from './federation/entering.ts'
import { inviteRoutes } from './federation/invites.ts'
import { serverKeyRoutes } from './federation/keys.ts'
import { queryRoutes } from './federation/queries.ts'
import { historyRoutes } from './federation/reading.ts'
import { transactionRoutes } from './federation/transactions.ts'
import { serverVersionRoutes } from './federation/version.ts'
import type { Route } from './serve.ts'
import { secretRegistrationRoutes } from './synapse-admin/register.ts'

/** Every operation that this server has, a line per group. */
export const routes: readonly Route[] = [
  ...banningRoutes,
  ...createRoomRoutes,
  ...directoryRoutes,
  ...invitingRoutes,
  ...joiningRoutes,
  ...kickingRoutes,
  ...knockingRoutes,
  ...leavingRoutes,
  ...joinedRoomsRoutes,
  ...redactionRoutes,
  ...roomSendRoutes,
  ...roomStateRoutes,
  ...roomUpgradeRoutes,
  ...capabilityRoutes,
  ...deviceRoutes,
  ...loginRoutes,
  ...logoutRoutes,
  ...passwordRoutes,
  ...registerRoutes,
  ...secretRegistrationRoutes,
  ...enteringRoutes,
  ...inviteRoutes,
  ...queryRoutes,
  ...historyRoutes,
  ...transactionRoutes,
  ...serverKeyRoutes,
  ...serverVersionRoutes,
  ...contextRoutes,
  ...eventRoutes,
  ...filterRoutes,
  ...memberRoutes,
  ...messagesRoutes,
  ...relationRoutes,
  ...syncRoutes,
  ...accountDataRoutes,
  ...profileRoutes,
  ...pushRuleRoutes,
  ...receiptRoutes,
  ...typingRoutes,
  ...versionRoutes,
  ...wellKnownRoutes,
  ...whoAmIRoutes,
]
