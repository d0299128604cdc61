/** Filters of events, compiled. Source: client-server-api, "Filtering". */
import type { RoomEventFilter } from '@kith/spec/api/filter'
import type { StoredEvent } from '../../storage/stored-event.ts'

export interface EventFilter {
  readonly limit: number | undefined
  readonly lazyLoadMembers: boolean
  readonly includeRedundantMembers: boolean
  readonly unreadThreadNotifications: boolean
  passesRoom(roomId: string): boolean
  passesType(type: string): boolean
  passes(event: StoredEvent): boolean
}

/** A filter's own limits, so that testing an event against it stays cheap. */
const longestList = 1000

export function eventFilter(filter: RoomEventFilter = {}): EventFilter {
  const passesType = listed(filter.types, filter.not_types, patterns)
  const passesSender = listed(filter.senders, filter.not_senders, names)
  const passesRoom = listed(filter.rooms, filter.not_rooms, names)
  const { contains_url: withUrl } = filter
  const listsNothing = [
    filter.types,
    filter.not_types,
    filter.senders,
    filter.not_senders,
    filter.rooms,
    filter.not_rooms,
    withUrl,
  ].every((each) => each === undefined)
  return {
    limit: filter.limit,
    lazyLoadMembers: filter.lazy_load_members ?? false,
    includeRedundantMembers: filter.include_redundant_members ?? false,
    unreadThreadNotifications: filter.unread_thread_notifications ?? false,
    passesRoom,
    passesType,
    passes: ({ roomId, pdu }) =>
      listsNothing ||
      (passesRoom(roomId) &&
        passesType(pdu.type) &&
        passesSender(pdu.sender) &&
        (withUrl === undefined || withUrl === (typeof pdu.content.url === 'string'))),
  }
}

type Test = (text: string) => boolean

/** In the list of what passes, if there is one, and not in that of what doesn't: the latter wins. */
function listed(
  yes: string[] | undefined,
  no: string[] | undefined,
  compile: (list: string[]) => Test,
): Test {
  const isListed = yes && compile(yes.slice(0, longestList))
  const isExcluded = no && compile(no.slice(0, longestList))
  return (text) => (!isListed || isListed(text)) && !isExcluded?.(text)
}

function names(list: string[]): Test {
  const set = new Set(list)
  return (text) => set.has(text)
}

/** In `types` a `*` stands for anything; all else, also case and `?`, for itself. */
function patterns(list: string[]): Test {
  const plain = new Set(list.filter((each) => !each.includes('*')))
  const tests = list.filter((each) => each.includes('*')).map(wildcard)
  return (text) => plain.has(text) || tests.some((test) => test(text))
}

/** Matches part after part, each as early as possible: linear, and right because only `*` is special. */
function wildcard(pattern: string): Test {
  const [start = '', ...parts] = pattern.split('*')
  const end = parts.pop() ?? ''
  return (text) => {
    if (!text.startsWith(start) || !text.endsWith(end)) return false
    let at = start.length
    for (const part of parts) {
      const found = text.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return at + end.length <= text.length
  }
}
