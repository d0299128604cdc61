import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestServer } from '../harness/server.ts'
import { startServers } from '../harness/world.ts'
import { agree } from './agreement.ts'
import { converse } from './conversation.ts'
import { type Random, random, withSeed } from './random.ts'
import { storyKinds } from './story-servers.ts'

const timeout = 300_000

test('nothing that was answered with 200 is lost or doubled when a server is killed twice', { timeout }, () =>
  withSeed(async (seed) => {
    await using world = await startServers(...storyKinds('kith', 'kith'))
    const user = (name: string, label: string) => world.sdkUser(name, label)
    const [anna, bert, cleo, dora, emil] = await Promise.all([
      user('anna', 'alpha'),
      user('bert', 'beta'),
      user('cleo', 'beta'),
      user('dora', 'alpha'),
      user('emil', 'beta'),
    ])
    const cast = { creator: anna, invited: bert, knocker: cleo, kicked: dora, banned: emil }
    const choices = random(seed)
    const kills = killTwice(world.server('beta'), choices)

    const script = { cast, roomVersion: '12', messages: 300, random: choices, lag: 100 }
    const conversation = await converse({ ...script, onSaid: kills.onSaid })
    await kills.done()

    await agree(conversation)
    const sends = Object.values(cast).flatMap((person) => person.sent)
    assert.equal(new Set(sends.map(({ transactionId }) => transactionId)).size, sends.length)
    assert.equal(new Set(sends.map(({ eventId }) => eventId)).size, sends.length)
    assert.ok(
      sends.some(({ tries }) => tries > 1),
      'no send had to be repeated: the story shows nothing',
    )
  }),
)

/** Kills a server in the first and in the last third of a conversation of 300 messages, and starts it again. */
function killTwice(server: TestServer, choices: Random) {
  const moments = new Set([30 + choices.below(60), 250 + choices.below(60)])
  const restarts: Promise<void>[] = []
  const restart = async () => {
    await server.kill()
    await server.start()
  }
  return {
    onSaid: (events: number) => {
      if (moments.has(events)) restarts.push(restart())
    },
    async done() {
      assert.equal(restarts.length, 2)
      await Promise.all(restarts)
    },
  }
}
