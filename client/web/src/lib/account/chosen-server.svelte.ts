import type { CommandFailure, HomeserverInfo } from '../../../../core/api.ts'
import { core } from '../core.ts'
import { failureOf } from '../failures.svelte.ts'

interface Lookup {
  of: string
  info?: HomeserverInfo
  failure?: CommandFailure
}

let typed = $state('')
let isTyped = $state(false)
/** The last one asked for. */
let lookup = $state.raw<Lookup>()
const answers = new Map<string, Promise<HomeserverInfo>>()

/** On whose server one signs in or registers: both pages share it. It begins with the one that serves this page. */
export const chosenServer = {
  get typed() {
    return typed
  },
  set typed(next: string) {
    typed = next
  },
  /** Whether it is asked for in a field. */
  get isTyped() {
    return isTyped
  },
  /** Known once it has been found. */
  get info(): HomeserverInfo | undefined {
    return lookup?.info
  },
  get isLooking() {
    return lookup !== undefined && !lookup.info && !lookup.failure
  },
  get failure() {
    return lookup?.failure
  },
  start,
  change() {
    typed ||= lookup?.info?.serverName ?? ''
    isTyped = true
  },
  /** @throws CommandError `not-a-homeserver` */
  find: () => find(isTyped ? typed.trim() : location.origin),
  /** Goes on with the server that is named in an ID. */
  use(server: string) {
    typed = server
    isTyped = true
    return find(server)
  },
}

/** The page may come from a place that is no homeserver: then one is asked for, and nothing is wrong. */
async function start(): Promise<void> {
  if (lookup) return
  await find(location.origin).catch(() => {
    if (lookup?.of !== location.origin) return
    lookup = undefined
    isTyped = true
  })
}

async function find(of: string): Promise<HomeserverInfo> {
  if (lookup?.of !== of || lookup.failure) lookup = { of }
  const asked = lookup
  try {
    const info = await answerOf(of)
    if (lookup?.of === of) lookup = { of, info }
    return info
  } catch (error) {
    if (lookup === asked) lookup = { of, failure: failureOf(error) }
    throw error
  }
}

function answerOf(of: string): Promise<HomeserverInfo> {
  const known = answers.get(of)
  if (known) return known
  const answer = core.commands.findHomeserver(of)
  answers.set(of, answer)
  answer.catch(() => answers.delete(of))
  return answer
}
