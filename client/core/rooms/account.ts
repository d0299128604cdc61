import { isObject, type JsonObject, own } from '@kith/spec/json'

/** Account data, by type. */
export type AccountData = ReadonlyMap<string, JsonObject>

/** Direct chats: by room, whom with. Source: client-server API, "Direct Messaging". */
export function directPartners(accountData: AccountData): Map<string, string> {
  const partners = new Map<string, string>()
  for (const [userId, rooms] of Object.entries(accountData.get('m.direct') ?? {})) {
    for (const roomId of Array.isArray(rooms) ? rooms : []) {
      if (typeof roomId === 'string') partners.set(roomId, userId)
    }
  }
  return partners
}

/** `m.direct` with one more room for somebody. */
export function withDirect(direct: JsonObject, userId: string, roomId: string): JsonObject {
  const rooms = own(direct, userId)
  const before = Array.isArray(rooms) ? rooms : []
  return before.includes(roomId) ? direct : { ...direct, [userId]: [...before, roomId] }
}

/** Rooms that never notify, or only of mentions, by a push rule of their own. */
export function mutedRooms(accountData: AccountData): Set<string> {
  const rules = accountData.get('m.push_rules')?.global
  const muted = new Set<string>()
  for (const kind of ['override', 'room']) {
    const list = isObject(rules) ? own(rules, kind) : undefined
    for (const rule of Array.isArray(list) ? list : []) {
      if (!isObject(rule) || rule.enabled === false || !isSilent(rule)) continue
      if (typeof rule.rule_id === 'string' && rule.rule_id.startsWith('!')) muted.add(rule.rule_id)
    }
  }
  return muted
}

function isSilent({ actions }: JsonObject): boolean {
  return Array.isArray(actions) && !actions.includes('notify')
}
