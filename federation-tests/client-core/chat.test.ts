import 'fake-indexeddb/auto'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { domainOf } from '@kith/spec/ids'
import { startServers, type World } from '../harness/world.ts'
import {
  type CorePerson,
  indexedStorage,
  memoryStorage,
  numbered,
  openPerson,
  registerCore,
  scrollToStart,
} from './core-person.ts'
import { lossyProxy } from './test-proxy.ts'

// What holds on any server, whatever transports it has.
for (const kind of ['kith', 'synapse'] as const) {
  describe(kind, () => {
    let world: World
    before(async () => {
      world = await startServers({ label: 'home', kind })
    })
    after(() => world[Symbol.asyncDispose]())

    let people = 0
    const person = (storage = memoryStorage()) =>
      registerCore(world.server('home'), `user${++people}`, storage)

    async function together(host: CorePerson, guest: CorePerson): Promise<string> {
      const roomId = await host.do.createGroup({ name: 'Garden', invite: [guest.userId] })
      await guest.sees(() => guest.rooms.get(roomId)?.membership === 'invite', 'the invite')
      await guest.do.accept(roomId)
      return roomId
    }

    test('two people chat, and each sees the other typing and reading', async () => {
      await using alice = await person(indexedStorage())
      await using bob = await person()
      const roomId = await together(alice, bob)
      const [hers, his] = [alice.open(roomId), bob.open(roomId)]

      await alice.do.send(roomId, { text: 'Hello' })
      await bob.sees(() => his.texts.includes('Hello'))
      await bob.sees(() => bob.rooms.get(roomId)?.unread.messages === 1, 'one unread message')
      await bob.do.setTyping(roomId, true)
      await alice.sees(() => hers.details?.typing[0]?.userId === bob.userId, 'Bob typing')
      await bob.do.markRead(roomId, his.item('Hello').eventId ?? '')
      assert.equal(bob.rooms.get(roomId)?.unread.isUnread, false)
      await alice.sees(() => hers.item('Hello').readers[0]?.userId === bob.userId, 'Bob has read')
      await bob.do.send(roomId, { text: 'Hi' })
      await alice.sees(() => hers.texts.includes('Hi'))

      assert.equal(hers.item('Hello').send, undefined)
      assert.deepEqual(hers.texts, ['Hello', 'Hi'])
      await bob.sees(() => his.texts.length === 2 && his.item('Hi').send === undefined)
      assert.deepEqual(bob.rooms.get(roomId)?.name, { kind: 'given', text: 'Garden' })
    })

    test('replies, edits, reactions and deletions are shown in the messages they are about', async () => {
      await using alice = await person()
      await using bob = await person()
      const roomId = await together(alice, bob)
      const [hers, his] = [alice.open(roomId), bob.open(roomId)]
      await alice.do.send(roomId, { text: 'Teh first' })
      await bob.sees(() => his.texts.includes('Teh first'))

      await bob.do.reply(roomId, his.item('Teh first').eventId ?? '', { text: 'An answer' })
      await bob.do.react(roomId, his.item('Teh first').eventId ?? '', '👍')
      await alice.do.edit(roomId, hers.item('Teh first').key, { text: 'The first' })

      await bob.sees(() => his.texts.includes('The first') && his.item('The first').edited?.state === 'sent')
      await alice.sees(() => hers.item('The first').reactions[0]?.people[0]?.userId === bob.userId)
      const answer = () => hers.item('An answer')
      await alice.sees(() => hers.texts.includes('An answer'))
      assert.deepEqual(answer().reply?.body, { kind: 'text', text: 'The first' })
      assert.equal(answer().mentionsMe, true)
      assert.deepEqual(alice.rooms.get(roomId)?.last?.body, { kind: 'text', text: 'An answer' })

      await bob.do.unreact(roomId, his.item('The first').eventId ?? '', '👍')
      await alice.sees(() => hers.item('The first').reactions.length === 0, 'the reaction taken back')
      await bob.do.redact(roomId, his.item('An answer').key)
      await alice.sees(() => hers.events.at(-1)?.body.kind === 'redacted', 'the deletion')
      assert.equal(alice.rooms.get(roomId)?.last?.body.kind, 'redacted')
    })

    test('a reaction or a deletion that the server refuses is taken back, and that is told', async () => {
      await using alice = await person()
      await using bob = await person()
      const roomId = await together(alice, bob)
      const his = bob.open(roomId)
      await bob.do.send(roomId, { text: 'Hello' })
      await bob.sees(() => his.texts.includes('Hello') && his.item('Hello').send === undefined, 'it is sent')
      await alice.do.kick(roomId, bob.userId)
      await bob.sees(() => bob.rooms.get(roomId)?.membership === 'leave', 'the kick')
      const { key, eventId = '' } = his.item('Hello')

      await bob.do.react(roomId, eventId, '👍')
      await bob.do.redact(roomId, key)

      await bob.sees(() => bob.refusals.length === 2, 'two refusals')
      assert.deepEqual(
        bob.refusals.map(({ kind, failure }) => [kind, failure.key]),
        [
          ['reaction', 'not-allowed'],
          ['deletion', 'not-allowed'],
        ],
      )
      await bob.sees(() => his.texts.includes('Hello') && his.item('Hello').reactions.length === 0)
    })

    test('a direct chat is one for both, and is opened again instead of made again', async () => {
      await using alice = await person()
      await using bob = await person()

      const roomId = await alice.do.openDirectChat(bob.userId)
      await bob.sees(() => bob.rooms.get(roomId)?.isDirectInvite)
      assert.equal(await bob.do.openDirectChat(alice.userId), roomId)

      assert.equal(await alice.do.openDirectChat(bob.userId), roomId)
      await bob.sees(() => bob.rooms.get(roomId)?.partner?.userId === alice.userId, 'Alice as partner')
      await alice.sees(() => {
        const name = alice.rooms.get(roomId)?.name
        return name?.kind === 'people' && name.names.length === 1 && name.more === 0
      })
      // Synapse tells an empty profile of anybody.
      if (kind !== 'kith') return
      await assert.rejects(alice.do.openDirectChat(bob.userId.replace('@', '@nobody')), {
        key: 'no-such-person',
      })
    })

    test('members are kicked, banned and let back in by those who may', async () => {
      await using alice = await person()
      await using bob = await person()
      const roomId = await together(alice, bob)
      const [hers, his] = [alice.open(roomId), bob.open(roomId)]
      await alice.sees(() => hers.members.get(bob.userId)?.can.kick)
      await bob.sees(() => his.details !== undefined && his.members.size === 2)
      assert.equal(his.details?.can.invite, true)
      assert.equal(his.details?.can.setName, false)
      assert.equal(his.members.get(alice.userId)?.can.kick, false)
      await assert.rejects(bob.do.kick(roomId, alice.userId), { key: 'not-allowed', errcode: 'M_FORBIDDEN' })

      await alice.do.kick(roomId, bob.userId, 'spam')
      await bob.sees(() => bob.rooms.get(roomId)?.membership === 'leave')
      await alice.do.ban(roomId, bob.userId)
      await bob.sees(() => bob.rooms.get(roomId)?.membership === 'ban')
      await assert.rejects(bob.do.join(roomId), { key: 'not-allowed' })
      await alice.sees(() => hers.members.get(bob.userId)?.can.unban)
      await alice.do.unban(roomId, bob.userId)
      await alice.do.invite(roomId, bob.userId)
      await bob.sees(() => bob.rooms.get(roomId)?.membership === 'invite')
      await bob.do.accept(roomId)
      await alice.do.setRoomName(roomId, 'Yard')
      await alice.do.setRoomTopic(roomId, 'What grows')
      await bob.sees(() => his.details?.topic === 'What grows')
      assert.deepEqual(his.details?.entry.name, { kind: 'given', text: 'Yard' })
      const changes = hers.events.flatMap(({ body }) => (body.kind === 'membership' ? [body.change] : []))
      assert.deepEqual(changes.slice(-6), ['joined', 'kicked', 'banned', 'unbanned', 'invited', 'joined'])
      await bob.do.leave(roomId)
      assert.equal(bob.rooms.get(roomId)?.membership, 'leave')
    })

    test('a room is joined by its address or a link, and an invite can be declined', async () => {
      await using alice = await person()
      await using bob = await person()
      const alias = `garden${people}`
      const roomId = await alice.do.createGroup({ name: 'Garden', isPublic: true, alias })
      const address = `#${alias}:${world.server('home').name}`
      const closed = await alice.do.createGroup({ name: 'Closed', invite: [bob.userId] })

      assert.equal(await bob.do.join(`https://matrix.to/#/${encodeURIComponent(address)}`), roomId)
      await assert.rejects(bob.do.join(`#nothing:${world.server('home').name}`), { key: 'no-such-room' })
      await assert.rejects(bob.do.join('garden'), { key: 'invalid-input' })
      await bob.sees(() => bob.rooms.get(closed)?.inviter?.userId === alice.userId)
      await bob.do.decline(closed)
      assert.equal(bob.rooms.get(closed)?.membership, 'leave')
    })

    test('what is wrong with a sign-in or a registration has a name', async () => {
      const { url: baseUrl } = world.server('home')
      await using alice = await person()
      await using bob = await person()
      const user = alice.userId.slice(1).split(':')[0] ?? ''

      const found = await alice.do.findHomeserver(baseUrl)
      assert.deepEqual([found.canSignInByPassword, found.registration], [true, 'open'])
      // This Synapse says its name to other servers alone.
      const name = kind === 'kith' ? domainOf(alice.userId) : new URL(baseUrl).host
      assert.equal(found.serverName, name)
      assert.equal(await alice.do.isNameFree({ baseUrl, user }), false)
      await assert.rejects(alice.do.findHomeserver('127.0.0.1:9'), { key: 'not-a-homeserver' })
      await bob.do.signOut()
      assert.deepEqual(bob.session, { kind: 'signed-out', why: 'by-user' })
      assert.equal(bob.rooms.size, 0)
      await assert.rejects(bob.do.signIn({ baseUrl, user, password: 'wrong' }), { key: 'wrong-password' })
      await assert.rejects(bob.do.register({ baseUrl, user, password: 'x'.repeat(20) }), {
        key: 'name-taken',
      })
      await assert.rejects(bob.do.createGroup({ name: 'Nobody' }), { key: 'signed-out' })
    })

    test('a reload in the middle of a send loses and doubles nothing, and keeps the order', async () => {
      await using bob = await person()
      await using alice = await person(indexedStorage())
      const roomId = await together(alice, bob)
      const [his, texts] = [bob.open(roomId), numbered('alice', 30)]
      for (const text of texts) await alice.do.send(roomId, { text })
      await bob.sees(() => his.texts.length > 3, 'the first messages')

      await using again = await alice.reload()
      const hers = again.open(roomId)

      await bob.sees(() => his.texts.length === 30, 'all messages')
      assert.deepEqual(his.texts, texts)
      await again.sees(
        () => hers.texts.length === 30 && hers.events.every(({ send }) => send === undefined),
        'echoes',
      )
      assert.deepEqual(hers.texts, texts)
    })

    test('an answer that is lost on its way doubles nothing, with and without a reload', async () => {
      await using proxy = await lossyProxy(world.server('home').url)
      await using bob = await person()
      await using alice = await registerCore({ url: proxy.url }, `user${++people}`, indexedStorage())
      const roomId = await together(alice, bob)
      const [his, texts] = [bob.open(roomId), numbered('alice', 6)]
      for (const text of texts) await alice.do.send(roomId, { text })
      await bob.sees(() => his.texts.includes('alice 2'), 'the first messages')

      await using again = await alice.reload()
      const hers = again.open(roomId)
      await again.sees(
        () => hers.texts.length === 6 && hers.events.every(({ send }) => send === undefined),
        'echoes',
      )
      await bob.sees(() => his.texts.length >= 6, 'all messages')

      assert.deepEqual(his.texts, texts)
      assert.deepEqual(hers.texts, texts)
      assert(proxy.lost >= 6)
    })

    test('a gap after a limited sync closes while the room is open, without a hole or a double', async () => {
      const storage = memoryStorage()
      await using bob = await person()
      await using alice = await person(storage)
      const roomId = await together(alice, bob)
      for (const text of numbered('early', 5)) await bob.do.send(roomId, { text })
      await alice.sees(() => alice.rooms.get(roomId)?.unread.messages === 5, 'the first messages')
      await alice[Symbol.asyncDispose]()
      const his = bob.open(roomId)
      for (const text of numbered('late', 200)) await bob.do.send(roomId, { text })
      await bob.sees(
        () => his.texts.length === 205 && his.events.every(({ send }) => send === undefined),
        'all sent',
      )

      await using again = await openPerson(storage)
      const hers = again.open(roomId)
      await again.sees(() => hers.texts.length === 205, 'all messages')

      assert.deepEqual(hers.texts, [...numbered('early', 5), ...numbered('late', 200)])
      assert.equal(
        hers.items.some(({ kind }) => kind === 'gap'),
        false,
      )
      await scrollToStart(again, hers, roomId)
      assert.equal(hers.texts.length, 205)
      assert.equal(hers.events[0]?.body.kind, 'created')
    })
  })
}
