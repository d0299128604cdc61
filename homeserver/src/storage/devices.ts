import { type Db, many, maybeOne, sql, type Tx } from '../platform/database.ts'
import type { UserNumber } from './interning.ts'

export interface Device {
  deviceId: string
  displayName: string | null
  /** Milliseconds since 1970; up to a minute behind. */
  lastSeenAt: number | null
  lastSeenAddress: string | null
}

const columns = sql`device_id as "deviceId", display_name as "displayName", last_seen_at as "lastSeenAt",
  last_seen_address as "lastSeenAddress"`

export function devicesOf(db: Db, user: UserNumber): Promise<Device[]> {
  return many<Device>(db, sql`select ${columns} from devices where user_number = ${user} order by device_id`)
}

export function deviceOf(db: Db, user: UserNumber, deviceId: string): Promise<Device | undefined> {
  return maybeOne<Device>(
    db,
    sql`select ${columns} from devices where user_number = ${user} and device_id = ${deviceId}`,
  )
}

export interface NewDevice {
  user: UserNumber
  deviceId: string
  displayName: string | undefined
}

/** Adds a device. One that exists stays as it is. */
export async function addDevice(tx: Tx, { user, deviceId, displayName }: NewDevice): Promise<void> {
  await tx.query(sql`
    insert into devices (user_number, device_id, display_name) values (${user}, ${deviceId}, ${displayName})
    on conflict do nothing`)
}

/** @returns false when there is no such device */
export async function renameDevice(
  tx: Tx,
  user: UserNumber,
  device: { deviceId: string; displayName: string },
): Promise<boolean> {
  const renamed = await tx.query(sql`
    update devices set display_name = ${device.displayName}
    where user_number = ${user} and device_id = ${device.deviceId} returning device_id`)
  return renamed.length === 1
}

export interface Sighting {
  user: UserNumber
  deviceId: string
  at: number
  address: string
}

/** Notes when and from where devices were last seen. Devices that are gone are passed over. */
export async function noteSightings(tx: Tx, sightings: readonly Sighting[]): Promise<void> {
  await tx.query(sql`
    update devices d set last_seen_at = s.at, last_seen_address = s.address
    from unnest(${sightings.map((s) => s.user)}::bigint[], ${sightings.map((s) => s.deviceId)}::text[],
      ${sightings.map((s) => s.at)}::bigint[], ${sightings.map((s) => s.address)}::text[])
      s(user_number, device_id, at, address)
    where d.user_number = s.user_number and d.device_id = s.device_id`)
}
