import { notFound } from '@kith/spec/errors'
import { type Device, deviceOf, devicesOf, renameDevice } from '../../storage/devices.ts'
import type { Homeserver } from '../homeserver.ts'
import type { Caller } from './caller.ts'
import { checkDisplayName, isDeviceId } from './device-id.ts'
import { changeSessions } from './sessions.ts'

export const ownDevices = (server: Homeserver, caller: Caller): Promise<Device[]> =>
  devicesOf(server.database, caller.user)

/** @throws MatrixError M_NOT_FOUND */
export async function ownDevice(server: Homeserver, caller: Caller, deviceId: string): Promise<Device> {
  const device = isDeviceId(deviceId) ? await deviceOf(server.database, caller.user, deviceId) : undefined
  if (!device) throw noSuchDevice()
  return device
}

/** Names a device; without a name it only makes sure of it. @throws MatrixError M_NOT_FOUND, M_INVALID_PARAM */
export async function nameDevice(
  server: Homeserver,
  caller: Caller,
  { deviceId, displayName }: { deviceId: string; displayName: string | undefined },
): Promise<void> {
  if (displayName === undefined) return void (await ownDevice(server, caller, deviceId))
  const name = checkDisplayName(displayName)
  const isDone =
    isDeviceId(deviceId) &&
    (await server.database.transaction((tx) =>
      renameDevice(tx, caller.user, { deviceId, displayName: name }),
    ))
  if (!isDone) throw noSuchDevice()
}

/** Ends devices of the caller. Those that do not exist are passed over. */
export async function deleteOwnDevices(
  server: Homeserver,
  caller: Caller,
  deviceIds: readonly string[],
): Promise<void> {
  const endDevices = [...new Set(deviceIds)].filter(isDeviceId)
  if (endDevices.length > 0) await changeSessions(server, { user: caller.user, endDevices })
}

const noSuchDevice = () => notFound('You have no such device')
