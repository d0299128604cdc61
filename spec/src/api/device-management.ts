import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { AuthData, Empty, Timestamp } from './schemas.ts'

const Device = Type.Object({
  device_id: Type.String(),
  display_name: Type.Optional(Type.String()),
  last_seen_ip: Type.Optional(Type.String()),
  last_seen_ts: Type.Optional(Timestamp),
})

const DeviceParams = Type.Object({ deviceId: Type.String() })

export const getDevices = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/devices',
  spec: 'client-server-api/#get_matrixclientv3devices',
  auth: 'user',
  rate: 'read',
  returns: Type.Object({ devices: Type.Array(Device) }),
})

export const getDevice = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/devices/{deviceId}',
  spec: 'client-server-api/#get_matrixclientv3devicesdeviceid',
  auth: 'user',
  rate: 'read',
  params: DeviceParams,
  returns: Device,
})

export const updateDevice = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/devices/{deviceId}',
  spec: 'client-server-api/#put_matrixclientv3devicesdeviceid',
  auth: 'user',
  rate: 'write',
  params: DeviceParams,
  body: Type.Object({ display_name: Type.Optional(Type.String()) }),
  returns: Empty,
})

export const deleteDevice = endpoint({
  method: 'DELETE',
  path: '/_matrix/client/v3/devices/{deviceId}',
  spec: 'client-server-api/#delete_matrixclientv3devicesdeviceid',
  auth: 'user',
  rate: 'write',
  params: DeviceParams,
  body: Type.Object({ auth: Type.Optional(AuthData) }),
  bodyUse: 'optional',
  returns: Empty,
})

export const deleteDevices = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/delete_devices',
  spec: 'client-server-api/#post_matrixclientv3delete_devices',
  auth: 'user',
  rate: 'write',
  body: Type.Object({ devices: Type.Array(Type.String()), auth: Type.Optional(AuthData) }),
  returns: Empty,
})
