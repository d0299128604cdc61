import type { RoomEvent } from '@kith/spec/events/pdu'
import type { JsonObject } from '@kith/spec/json'
import { compileRules } from '@kith/spec/push/compile-rules'
import { evaluate } from '@kith/spec/push/evaluate'
import { FlatEvent } from '@kith/spec/push/flat-event'
import { rulesetOf, type StoredRules } from '@kith/spec/push/rules'

/** One event, and people with their rules. */
export interface PushScene {
  event: JsonObject & { event_id: string; room_id: string; sender: string; content: JsonObject }
  memberCount: number
  senderPower: number
  notificationLevels: { [key: string]: number }
  rules: StoredRules[]
  people: { userId: string; displayName?: string /** Which of the rules. */; rules: number }[]
}

/** Whether an event notifies and highlights. */
export type Effect = [notify: boolean, highlight: boolean]

/** What an event does for each of the people, everybody looked at singly. */
export function effectsOf(scene: PushScene): Effect[] {
  const event = new FlatEvent(roomEvent(scene))
  return scene.people.map(({ userId, displayName, rules }) => {
    const stored = scene.rules[rules] as StoredRules
    const context = { ...contextOf(scene), userId, displayName }
    const { notify, highlight } = evaluate(compileRules(rulesetOf(userId, stored)), event, context)
    return [notify, highlight]
  })
}

export function contextOf({ memberCount, senderPower, notificationLevels }: PushScene) {
  return { memberCount, senderPower, notificationLevel: (key: string) => notificationLevels[key] ?? 50 }
}

export function roomEvent({ event }: PushScene): RoomEvent {
  const { event_id, ...pdu } = event
  return { eventId: event_id, roomId: event.room_id, pdu: pdu as unknown as RoomEvent['pdu'] }
}
