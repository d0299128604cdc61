import { newPerson, type Person } from '../harness/person.ts'
import type { TestServer } from '../harness/server.ts'
import type { Plan } from './plan.ts'

type Senders = Plan['senders']

/** A server with people in it, ready to be measured. */
export interface Contestant {
  server: TestServer
  databaseUrl: string
  /** Each sender in a room of his own. */
  manyRooms: Senders
  /** All senders in one room. */
  oneRoom: Senders
}

/** Makes the accounts and rooms; each of the many rooms holds its sender alone. */
export async function prepare(server: TestServer, databaseUrl: string, senders: number): Promise<Contestant> {
  const people: Person[] = []
  for (let index = 0; index < senders; index += 1) people.push(await newPerson(server, `sender${index}`))
  const [host] = people
  if (!host) throw new Error('a bench needs a sender')
  const shared = await host.createRoom({ preset: 'public_chat' })
  const manyRooms: Senders = []
  for (const person of people) {
    if (person !== host) await person.join(shared)
    manyRooms.push({ token: person.token, room: await person.createRoom({ preset: 'private_chat' }) })
  }
  const oneRoom = people.map(({ token }) => ({ token, room: shared }))
  return { server, databaseUrl, manyRooms, oneRoom }
}
