import type { Pdu } from '../../events/pdu.ts'
import { domainOf } from '../../ids.ts'
import { allow, reject, type Verdict } from './verdict.ts'

/** Rule 4 of room versions 1 to 5: each server has one list of aliases, which its users change as they like. */
export function checkAliases({ sender, state_key: server }: Pdu): Verdict {
  if (server === undefined) return reject('4.1', 'a list of aliases needs a state key')
  if (server !== domainOf(sender)) return reject('4.2', `the aliases of ${server} are not the sender's`)
  return allow // 4.3
}
