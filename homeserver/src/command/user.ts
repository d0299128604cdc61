/** `npm run user -- create NAME [--admin] [--config FILE]`: makes an account, whether the server runs or not. */
import { parseArgs } from 'node:util'
import { MatrixError } from '@kith/spec/errors'
import { loadConfig } from '../config.ts'
import { registerAccount } from '../domain/accounts/register-account.ts'
import { shareDatabase } from '../hold-database.ts'
import { systemClock } from '../platform/clock.ts'
import { openDatabase } from '../platform/database.ts'
import { openLogger } from '../platform/logger.ts'
import { createPasswords } from '../platform/passwords.ts'
import { StartError } from '../platform/start-error.ts'
import { prepareDatabase } from '../prepare-database.ts'
import { createInterning } from '../storage/interning.ts'
import { readPassword } from './read-password.ts'

const usage = 'usage: npm run user -- create NAME [--admin] [--config FILE]'

async function createUser(args: string[]): Promise<string> {
  const { name, isAdmin, configArgs } = readArgs(args)
  const config = loadConfig(process.env, configArgs)
  const logger = openLogger('warn')
  const password = await readPassword()
  await using cleanup = new AsyncDisposableStack()
  const shared = await shareDatabase(config, logger)
  cleanup.defer(shared.release)
  const database = await openDatabase({ url: shared.url })
  cleanup.defer(() => database.close())
  await prepareDatabase(database, config)
  const accounts = { passwords: createPasswords() }
  const registrar = { config, database, clock: systemClock, interning: createInterning(), accounts }
  return await registerAccount(registrar, { name, password, isAdmin })
}

function readArgs(args: string[]): { name: string; isAdmin: boolean; configArgs: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { admin: { type: 'boolean' }, config: { type: 'string' } },
      allowPositionals: true,
    })
    const [action, name, ...rest] = positionals
    if (action !== 'create' || !name || rest.length > 0) throw new Error('what to do is not clear')
    const configArgs = values.config === undefined ? [] : ['--config', values.config]
    return { name, isAdmin: values.admin ?? false, configArgs }
  } catch (error) {
    throw new StartError(`${(error as Error).message}; ${usage}`)
  }
}

try {
  process.stdout.write(`made ${await createUser(process.argv.slice(2))}\n`)
  process.exit(0)
} catch (error) {
  const isExpected = error instanceof StartError || error instanceof MatrixError
  process.stderr.write(`kith: ${isExpected ? error.message : (error as Error).stack}\n`)
  process.exit(1)
}
