import { createAuthority, type TestAuthority } from './certificates.ts'
import { createKith, type KithOptions } from './kith.ts'
import { newPerson, type Person } from './person.ts'
import { newSdkPerson, type SdkPerson } from './sdk-person.ts'
import type { ServerKind, TestServer } from './server.ts'
import { createSynapse } from './synapse.ts'

/** A server to start: what the test calls it, and what it is. */
export interface Role extends Partial<KithOptions> {
  label: string
  kind?: ServerKind
}

/** Servers that trust one certificate authority, and the people on them. */
export interface World extends AsyncDisposable {
  authority: TestAuthority
  /** What the test calls the servers, in the order in which it named them. */
  labels: readonly string[]
  server(label: string): TestServer
  /** Registers somebody with a plain HTTP client. */
  user(localpart: string, label: string): Promise<Person>
  /** Registers somebody who uses matrix-js-sdk. */
  sdkUser(localpart: string, label: string): Promise<SdkPerson>
}

/** Starts servers: Kith where only a label is given. Unless one brings its own, they trust a new authority. They stop, and their data goes, with the world. */
export async function startServers(...roles: (string | Role)[]): Promise<World> {
  await using building = new AsyncDisposableStack()
  const given = roles.flatMap((role) => (typeof role === 'string' ? [] : (role.authority ?? [])))
  const authority = given[0] ?? (await createAuthority())
  const servers = new Map<string, TestServer>()
  for (const role of roles) {
    const { label, kind = 'kith', ...options } = typeof role === 'string' ? { label: role } : role
    const create = kind === 'kith' ? createKith : createSynapse
    servers.set(label, building.use(await create({ authority, ...options })))
  }
  await Promise.all([...servers.values()].map((server) => server.start()))
  // People are disposed of before the servers they talk to.
  const stack = building.move()
  const server = (label: string) => {
    const found = servers.get(label)
    if (!found) throw new Error(`no server is called ${label}`)
    return found
  }
  return {
    authority,
    labels: [...servers.keys()],
    server,
    user: async (localpart, label) => stack.use(await newPerson(server(label), localpart)),
    sdkUser: async (localpart, label) => stack.use(await newSdkPerson(server(label), localpart)),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
