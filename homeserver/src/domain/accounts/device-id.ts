import { randomInt } from 'node:crypto'
import { invalidParam } from '@kith/spec/errors'
import { maxIdBytes } from '@kith/spec/ids'
import { utf8Length } from '@kith/spec/json'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const maxDisplayNameBytes = 1024

/** A device id of ten capital letters: short enough to be read out. */
export function newDeviceId(): string {
  return Array.from({ length: 10 }, () => letters[randomInt(letters.length)]).join('')
}

/** @throws MatrixError M_INVALID_PARAM for one that is empty, over 255 bytes, or holds control characters */
export function checkDeviceId(deviceId: string): string {
  if (!isDeviceId(deviceId))
    throw invalidParam('The device id is empty, too long, or holds control characters')
  return deviceId
}

export function isDeviceId(text: string): boolean {
  return text !== '' && text.isWellFormed() && !/\p{Cc}/u.test(text) && utf8Length(text) <= maxIdBytes
}

/** @throws MatrixError M_INVALID_PARAM over 1 KiB */
export function checkDisplayName(displayName: string): string {
  if (utf8Length(displayName) > maxDisplayNameBytes) {
    throw invalidParam(`A device's name has at most ${maxDisplayNameBytes} bytes`)
  }
  return displayName.replaceAll('\0', '').toWellFormed()
}
