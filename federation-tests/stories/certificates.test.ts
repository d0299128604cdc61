import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthority } from '../harness/certificates.ts'
import { MatrixFailure } from '../harness/client-api.ts'
import { event, membership } from '../harness/room-view.ts'
import { startServers } from '../harness/world.ts'
import { storyKinds } from './story-servers.ts'

const timeout = 120_000

for (const wrong of ['another address', 'a stranger'] as const) {
  test(`a server whose certificate is that of ${wrong} is refused, and others go on`, {
    timeout,
  }, async () => {
    const authority = await createAuthority()
    const certificate =
      wrong === 'another address'
        ? await authority.issue('127.0.1.2')
        : await (await createAuthority()).issue('127.0.1.3')
    const [alpha, beta, gamma] = storyKinds('kith', 'kith', 'kith')
    assert.ok(alpha && beta && gamma)
    await using world = await startServers(
      { ...alpha, authority, host: '127.0.1.1' },
      { ...beta, authority, host: '127.0.1.2' },
      { ...gamma, authority, host: '127.0.1.3', certificate },
    )
    const alice = await world.user('alice', 'alpha')
    const bob = await world.user('bob', 'beta')
    const carol = await world.user('carol', 'gamma')

    const open = await alice.createRoom({ preset: 'public_chat' })
    await bob.join(open, { via: world.server('alpha').name })
    await alice.sees(open, membership(bob, 'join'))
    await bob.sees(open, event(await alice.send(open, 'we two can talk')))

    const room = await carol.createRoom({ preset: 'public_chat' })
    await assert.rejects(alice.join(room, { via: world.server('gamma').name }), isRefusal)
    // Nor can the server ask for the keys to believe what comes from there.
    await assert.rejects(carol.join(open, { via: world.server('alpha').name }), isRefusal)
    await bob.sees(open, event(await alice.send(open, 'and still can')))
  })
}

function isRefusal(error: unknown): boolean {
  return error instanceof MatrixFailure
}
