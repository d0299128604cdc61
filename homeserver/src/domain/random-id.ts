import { randomBytes } from 'node:crypto'

/** An identifier from the system's random source. @param bytes of randomness; the text is a third longer */
export function randomId(bytes: number): string {
  return randomBytes(bytes).toString('base64url')
}
