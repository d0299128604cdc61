import assert from 'node:assert/strict'
import type { World } from '../harness/world.ts'
import { numbered } from './harness/chat.ts'
import { movement, sightings, watchScrolling } from './harness/scroll-watch.ts'
import { openStage } from './harness/story.ts'

const stage = openStage('home')
const count = 2000
const mostSteps = 400

/** Made once, and read by all. */
let longRoom: Promise<string> | undefined

async function makeLongRoom(world: World): Promise<string> {
  const writer = await world.user('writer', 'home')
  const room = await writer.createRoom({ name: 'Long', preset: 'public_chat' })
  for (const text of numbered('line', count)) await writer.send(room, text)
  return room
}

stage.story(
  'scrolling back through 2,000 messages shows each of them, in order, and nothing jumps',
  async ({ person, hands, world }) => {
    longRoom ??= makeLongRoom(world)
    // Once with all that moves, once with as little as can be: styles differ.
    const alice = await person('alice', { motion: hands.kind === 'keyboard' ? 'reduce' : 'no-preference' })
    await alice.api.join(await longRoom)
    await alice.opens('Long')
    await alice.chat.sees(`line ${count}`)

    await watchScrolling(alice.page, 'line')
    let moved = 0
    let { texts, holes } = await sightings(alice.page)
    for (let step = 0; step < mostSteps && !texts.includes('line 1'); step += 1) {
      await hands.scrollUp(alice.chat.log)
      moved = Math.max(moved, await movement(alice.page, 4))
      ;({ texts, holes } = await sightings(alice.page))
    }

    assert.deepEqual(holes, [])
    assert.deepEqual(texts.toSorted(byNumber), numbered('line', count))
    assert.equal(moved, 0, `something moved by ${moved} px while nobody scrolled`)
  },
)

const byNumber = (one: string, other: string) => Number(one.slice(5)) - Number(other.slice(5))
