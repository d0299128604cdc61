import { after, before, test } from 'node:test'
import type { SdkPerson } from '../harness/sdk-person.ts'
import { startServers, type World } from '../harness/world.ts'
import { agree } from './agreement.ts'
import { converse } from './conversation.ts'
import { random, withSeed } from './random.ts'
import { storyKinds } from './story-servers.ts'

const messages = 300
const timeout = 300_000

let world: World
before(async () => {
  world = await startServers(...storyKinds('kith', 'kith', 'synapse'))
})
after(() => world[Symbol.asyncDispose]())

for (const roomVersion of ['10', '11', '12']) {
  test(
    `five people on three servers hold one conversation in rooms of version ${roomVersion}`,
    { timeout },
    () =>
      withSeed(async (seed) => {
        const [anna, bert, cleo, dora, emil] = await people(roomVersion)
        const script = { roomVersion, messages, random: random(seed) }

        const here = { creator: anna, invited: bert, knocker: cleo, kicked: dora, banned: emil }
        await agree(await converse({ ...script, cast: here }))

        const there = { creator: cleo, invited: anna, knocker: bert, kicked: emil, banned: dora }
        await agree(await converse({ ...script, cast: there }))
      }),
  )
}

async function people(roomVersion: string): Promise<[SdkPerson, SdkPerson, SdkPerson, SdkPerson, SdkPerson]> {
  const user = (name: string, label: string) => world.sdkUser(`${name}${roomVersion}`, label)
  return await Promise.all([
    user('anna', 'alpha'),
    user('bert', 'beta'),
    user('cleo', 'gamma'),
    user('dora', 'alpha'),
    user('emil', 'beta'),
  ])
}
