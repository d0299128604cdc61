import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startServers, type World } from '../harness/world.ts'
import { type CorePerson, type OpenRoom, registerCore } from './core-person.ts'

describe('rooms one is outside of', () => {
  let world: World
  before(async () => {
    world = await startServers('home', 'away')
  })
  after(() => world[Symbol.asyncDispose]())

  let people = 0
  const person = (label = 'home') => registerCore(world.server(label), `guest${++people}`)
  const standing = ({ details }: OpenRoom) =>
    details?.standing && [
      details.entry.membership,
      details.standing.change,
      details.standing.by.userId,
      details.standing.reason,
    ]

  async function invited(host: CorePerson, guest: CorePerson): Promise<string> {
    const roomId = await host.do.createGroup({ name: 'Garden', invite: [guest.userId] })
    await guest.sees(() => guest.rooms.get(roomId)?.membership === 'invite', 'the invite')
    return roomId
  }

  test('somebody learns who removed them, and why', async () => {
    await using alice = await person()
    await using bob = await person()
    await bob.do.setMyName('Bob')
    const roomId = await invited(alice, bob)
    const [hers, his] = [alice.open(roomId), bob.open(roomId)]
    await bob.sees(() => standing(his)?.[1] === 'invited')
    assert.deepEqual(standing(his), ['invite', 'invited', alice.userId, undefined])
    await bob.do.accept(roomId)

    await alice.do.kick(roomId, bob.userId, 'spam')
    await bob.sees(() => standing(his)?.[1] === 'kicked')
    assert.deepEqual(standing(his), ['leave', 'kicked', alice.userId, 'spam'])
    assert.equal(his.details?.standing?.isByMe, false)

    await alice.do.ban(roomId, bob.userId)
    await bob.sees(() => standing(his)?.[1] === 'banned')
    assert.deepEqual(standing(his), ['ban', 'banned', alice.userId, undefined])
    await alice.sees(() => hers.members.get(bob.userId)?.membership === 'ban')
    assert.equal(hers.members.get(bob.userId)?.name, 'Bob')
    await alice.do.unban(roomId, bob.userId)
    await bob.sees(() => standing(his)?.[1] === 'unbanned')
  })

  test('an invite that is declined or taken back is told as such', async () => {
    await using alice = await person()
    await using bob = await person()
    const [declined, withdrawn] = [await invited(alice, bob), await invited(alice, bob)]
    const rooms = [bob.open(declined), bob.open(withdrawn)] as const

    await bob.do.decline(declined)
    await alice.do.kick(withdrawn, bob.userId)

    await bob.sees(() => standing(rooms[0])?.[1] === 'invite-declined')
    await bob.sees(() => standing(rooms[1])?.[1] === 'invite-withdrawn')
  })

  test('those one shares chats with are known, partners of direct chats first', async () => {
    await using alice = await person()
    await using bob = await person()
    await using carol = await person()
    assert.deepEqual(await alice.do.knownPeople(), [])
    await bob.do.setMyName('Bob')

    const direct = await alice.do.openDirectChat(bob.userId)
    await bob.sees(() => bob.rooms.get(direct)?.membership === 'invite')
    await bob.do.accept(direct)
    const group = await invited(carol, alice)
    await alice.do.accept(group)

    const known = await alice.do.knownPeople()
    assert.deepEqual(
      known.map(({ userId, name }) => [userId, name]),
      [
        [bob.userId, 'Bob'],
        [carol.userId, carol.userId.slice(1).split(':')[0]],
      ],
    )
  })

  test('a room of another server that has no address is joined through those who are known to be in it', async () => {
    const alice = await world.user('alice', 'home')
    await using bob = await person('away')
    const old = await alice.createRoom({ preset: 'public_chat', room_alias_name: 'old' })
    const next = await alice.createRoom({ preset: 'public_chat' })
    await bob.do.join(`#old:${world.server('home').name}`)
    const his = bob.open(old)

    await alice.sendState(old, 'm.room.tombstone', { content: { body: 'Moved', replacement_room: next } })
    await bob.sees(() => his.details?.successor === next, 'the successor')
    assert.equal(await bob.do.join(next), next)

    await bob.do.leave(old)
    assert.equal(await bob.do.join(old), old)
  })
})
