import { hash, randomBytes } from 'node:crypto'

/** A new secret of 256 random bits, in characters that need no escaping anywhere. */
export const newToken = (): string => randomBytes(32).toString('base64url')

/** As which a secret is stored and looked up. It is random, so a plain hash can't be searched. */
export const tokenHash = (token: string): Buffer => hash('sha256', token, 'buffer')
