import { type CorePerson, type CoreStorage, indexedStorage, numbered, registerCore } from './core-person.ts'

/** Two people in one group, as pages show it. Needs `fake-indexeddb/auto`. */
export interface TwoPeople extends AsyncDisposable {
  alice: CorePerson
  bob: CorePerson
  roomId: string
}

/** @param url the server, or what stands before it @param storage alice's */
export async function twoPeople(url: string, storage: CoreStorage = indexedStorage()): Promise<TwoPeople> {
  const alice = await registerCore({ url }, 'alice', storage)
  const bob = await registerCore({ url }, 'bob')
  const roomId = await alice.do.createGroup({ name: 'Garden', invite: [bob.userId] })
  await bob.sees(() => bob.rooms.get(roomId)?.membership === 'invite', 'the invite')
  await bob.do.accept(roomId)
  const close = async () => {
    for (const person of [alice, bob]) await person[Symbol.asyncDispose]()
  }
  return { alice, bob, roomId, [Symbol.asyncDispose]: close }
}

/** Both write 40 messages at once; resolves when alice has seen the first of bob's. */
export async function writeTogether({ alice, bob, roomId }: TwoPeople) {
  const [hers, his] = [alice.open(roomId), bob.open(roomId)]
  const write = async (person: CorePerson, who: string) => {
    for (const text of numbered(who, 40)) await person.do.send(roomId, { text })
  }
  const writing = Promise.all([write(alice, 'alice'), write(bob, 'bob')])
  await alice.sees(() => hers.texts.includes('bob 5'), 'some of the messages')
  return { hers, his, writing }
}
