import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { createGate } from './gate.ts'

export interface Passwords {
  /** @returns a PHC string, `$argon2id$v=19$m=…,t=…,p=1$salt$hash` */
  hash(password: string): Promise<string>
  /** Takes the same time when there is nothing to compare with; then the answer is no. */
  verify(password: string, stored: string | undefined): Promise<boolean>
}

/** Cost of one hash. */
export interface PasswordCost {
  memoryKib: number
  passes: number
}

/** What OWASP recommends for argon2id with one lane; about 40 ms of one core. */
const standardCost: PasswordCost = { memoryKib: 19_456, passes: 2 }
const saltBytes = 16
const hashBytes = 32

const derive = promisify(argon2)

/**
 * Memory-hard password hashes. The work is done by libuv's thread pool; at most two run at a time, so that a
 * flood of logins neither fills the memory nor starves file and name look-ups of threads.
 */
export function createPasswords(cost: PasswordCost = standardCost): Passwords {
  const gate = createGate({ what: 'password checking', running: 2, waiting: 500 })
  const hashWith = (password: string, salt: Buffer, { memoryKib, passes }: PasswordCost) =>
    gate.run(() =>
      derive('argon2id', {
        message: Buffer.from(password),
        nonce: salt,
        parallelism: 1,
        tagLength: hashBytes,
        memory: memoryKib,
        passes,
      }),
    )
  const hash = async (password: string) => {
    const salt = randomBytes(saltBytes)
    return format(salt, await hashWith(password, salt, cost), cost)
  }
  const decoy = format(randomBytes(saltBytes), randomBytes(hashBytes), cost)
  return {
    hash,
    async verify(password, stored) {
      const known = parse(stored ?? decoy)
      const found = await hashWith(password, known.salt, known.cost)
      return timingSafeEqual(found, known.hash) && stored !== undefined
    },
  }
}

function format(salt: Buffer, hash: Buffer, { memoryKib, passes }: PasswordCost): string {
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=1$${unpadded(salt)}$${unpadded(hash)}`
}

const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

function parse(stored: string): { salt: Buffer; hash: Buffer; cost: PasswordCost } {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([\w+/]+)\$([\w+/]{43})$/.exec(stored)
  const [, memory, passes, salt, hash] = match ?? []
  if (!memory || !passes || !salt || !hash) throw new Error('a stored password hash is malformed')
  return {
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
    cost: { memoryKib: Number(memory), passes: Number(passes) },
  }
}
