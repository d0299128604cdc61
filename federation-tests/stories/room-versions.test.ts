import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@kith/spec/json'
import { roomVersions } from '@kith/spec/rooms/room-version'
import type { Person } from '../harness/person.ts'
import { startServers, type World } from '../harness/world.ts'
import { sameItems } from './differences.ts'
import { type Cast, type Lived, live, moveOn, since } from './room-life.ts'
import { storyKinds } from './story-servers.ts'

const timeout = 180_000
const specified = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12']

let world: World
before(async () => {
  world = await startServers(...storyKinds('kith', 'synapse'))
})
after(() => world[Symbol.asyncDispose]())

test('rooms of all versions live on two servers, whoever makes them', {
  timeout,
  concurrency: 8,
}, async (t) => {
  const [here, there] = [await people('alpha'), await people('beta')]
  const versions = await commonVersions(there.host)
  assert.deepEqual(versions, specified)
  const casts: Cast[] = [
    { host: here.host, guest: there.guest, kicked: there.kicked, banned: there.banned },
    { host: there.host, guest: here.guest, kicked: here.kicked, banned: here.banned },
  ]
  const lives = versions.flatMap((version) => casts.map((cast) => ({ version, cast })))
  await Promise.all(
    lives.map(({ version, cast }) =>
      t.test(`version ${version}, made by ${cast.host.server.kind}`, async () => {
        const lived = await live(version, cast)
        const moved = await moveOn(lived)
        await agree(lived)
        await agree(moved)
      }),
    ),
  )
})

async function people(label: string): Promise<Cast> {
  const [host, guest, kicked, banned] = await Promise.all(
    ['host', 'guest', 'kicked', 'banned'].map((name) => world.user(name, label)),
  )
  return { host, guest, kicked, banned } as Cast
}

async function commonVersions(person: Person): Promise<string[]> {
  const { capabilities } = await person.request<{ capabilities: JsonObject }>({
    method: 'GET',
    path: '/v3/capabilities',
  })
  const known = capabilities['m.room_versions'] as { available: Record<string, string> }
  return [...roomVersions.keys()].filter((version) => known.available[version] === 'stable')
}

/** Both servers hold the same state and the same events. */
async function agree({ room, cast: { host, guest }, redacted }: Lived): Promise<void> {
  const [ours, theirs] = await Promise.all([host, guest].map((person) => person.state(room)))
  const entries = (state: typeof ours = []) =>
    state.map(({ type, state_key: key, event_id: id }) => `${type} ${key} ${id}`)
  sameItems(`the state of ${room} that ${guest.userId} sees`, entries(theirs), entries(ours))
  const [told, heard] = await Promise.all([host, guest].map((person) => since(room, person, guest)))
  const ids = (events: typeof told = []) => events.map(({ event_id: id }) => id)
  sameItems(`the events in ${room} that ${guest.userId} sees`, ids(heard), ids(told))
  for (const events of [told, heard]) {
    for (const { event_id: id, content } of events ?? []) {
      if (redacted.includes(id)) assert.deepEqual(content, {}, `${id} was redacted`)
    }
    assert.ok(redacted.every((id) => ids(events).includes(id)))
  }
}
