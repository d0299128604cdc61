import type { TopicName, Topics } from './api.ts'

type Listener<Topic extends TopicName> = (update: Topics[Topic]['update']) => void

/** Who watches what. A topic without an argument has the empty string as its key, the others a room ID. */
export interface Publisher {
  add<Topic extends TopicName>(topic: Topic, key: string, listener: Listener<Topic>): () => void
  isWatched(topic: TopicName, key: string): boolean
  publish<Topic extends TopicName>(topic: Topic, key: string, update: Topics[Topic]['update']): void
}

export function publisher(): Publisher {
  const watchers = new Map<string, Set<Listener<never>>>()
  const nameOf = (topic: TopicName, key: string) => `${topic}\0${key}`
  return {
    add(topic, key, listener) {
      const name = nameOf(topic, key)
      const listeners = watchers.get(name) ?? new Set()
      watchers.set(name, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && watchers.get(name) === listeners) watchers.delete(name)
      }
    },
    isWatched: (topic, key) => watchers.has(nameOf(topic, key)),
    publish<Topic extends TopicName>(topic: Topic, key: string, update: Topics[Topic]['update']) {
      for (const listener of watchers.get(nameOf(topic, key)) ?? []) (listener as Listener<Topic>)(update)
    },
  }
}
