import {
  deleteDevice,
  deleteDevices,
  getDevice,
  getDevices,
  updateDevice,
} from '@kith/spec/api/device-management'
import { deleteOwnDevices, nameDevice, ownDevice, ownDevices } from '../../domain/accounts/devices.ts'
import { confirm } from '../../domain/accounts/interactive-auth.ts'
import type { Device } from '../../storage/devices.ts'
import { serve } from '../serve.ts'

const stage = 'm.login.password'

export const deviceRoutes = [
  serve(getDevices, async ({ server, caller }) => ({
    devices: (await ownDevices(server, caller)).map(onWire),
  })),
  serve(getDevice, async ({ server, caller, params }) =>
    onWire(await ownDevice(server, caller, params.deviceId)),
  ),
  serve(updateDevice, async ({ server, caller, params, body }) => {
    await nameDevice(server, caller, { deviceId: params.deviceId, displayName: body.display_name })
    return {}
  }),
  serve(deleteDevice, async ({ server, caller, params, body }) => {
    await confirm(server, { operation: `delete device ${params.deviceId}`, stage, caller, body })
    await deleteOwnDevices(server, caller, [params.deviceId])
    return {}
  }),
  serve(deleteDevices, async ({ server, caller, body }) => {
    await confirm(server, { operation: 'delete devices', stage, caller, body })
    await deleteOwnDevices(server, caller, body.devices)
    return {}
  }),
]

function onWire({ deviceId, displayName, lastSeenAt, lastSeenAddress }: Device) {
  return {
    device_id: deviceId,
    display_name: displayName ?? undefined,
    last_seen_ts: lastSeenAt ?? undefined,
    last_seen_ip: lastSeenAddress ?? undefined,
  }
}
