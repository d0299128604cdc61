import { createSubscriber } from 'svelte/reactivity'
import type { TopicName, Topics } from '../../../core/api.ts'
import { core } from './core.ts'

/**
 * A topic of the core as a value. It is watched while something on the screen reads it; what it had stays, so that a
 * screen one comes back to is whole at once.
 *
 * @param fold makes the value of the update and the value before; the same object means that nothing changed
 */
export function topicValue<Topic extends TopicName, Value>(
  topic: Topic,
  argument: Topics[Topic]['argument'],
  fold: (update: Topics[Topic]['update'], before: Value | undefined) => Value,
): { readonly value: Value | undefined } {
  let value = $state.raw<Value>()
  const subscribe = createSubscriber(() =>
    core.watch(topic, argument, (update) => {
      value = fold(update, value)
    }),
  )
  return {
    get value() {
      subscribe()
      return value
    },
  }
}
