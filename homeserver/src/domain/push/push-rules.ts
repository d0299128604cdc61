/** Somebody's push rules, read and changed. A change counts from the next event on. */
import type { JsonObject } from '@kith/spec/json'
import { noStoredRules, type Ruleset, rulesetOf, type StoredRules } from '@kith/spec/push/rules'
import { accountDataOf, noRoom } from '../../storage/account-data.ts'
import { currentClasses } from '../../storage/push-classes.ts'
import { storeAccountData } from '../account-data/account-data.ts'
import { pushRulesType } from '../account-data/account-data-view.ts'
import type { Reader } from '../events/client-event.ts'
import type { Homeserver } from '../homeserver.ts'
import { personOf, standingChange } from './person.ts'

/** The rules in force. */
export async function pushRules(server: Homeserver, reader: Reader): Promise<Ruleset> {
  return rulesetOf(reader.userId, await storedRules(server, reader))
}

async function storedRules(server: Homeserver, { user }: Reader): Promise<StoredRules> {
  const entry = await accountDataOf(server.database, { user, room: noRoom, type: pushRulesType })
  return entry ? (JSON.parse(entry.content) as StoredRules) : noStoredRules
}

/**
 * Changes the rules; durable once this resolves. Changes of one person go one after the other.
 *
 * @throws what `change` throws
 */
export async function changePushRules(
  server: Homeserver,
  reader: Reader,
  change: (stored: StoredRules) => StoredRules,
): Promise<void> {
  await server.views.turns.run(reader.user, async () => {
    const changed = change(await storedRules(server, reader))
    const content = JSON.parse(JSON.stringify(changed)) as JsonObject
    const current = await currentClasses(server.database, reader.user)
    const standing = standingChange(personOf(changed).standings, current)
    await storeAccountData(server, reader.user, { room: noRoom, type: pushRulesType, content, standing })
  })
}
