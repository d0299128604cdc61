import { after, before } from 'node:test'
import { peerTrustingClient, type TestPeer, testPeer } from '../../domain/federation/test-peer.ts'
import { type Clock, systemClock } from '../../platform/clock.ts'
import type { TestPerson } from '../test-person.ts'
import { startTestServer, type TestServer } from '../test-server.ts'

/** A server with alice on it, and another that the two trust each other with. */
export interface PeerScene {
  alpha: TestServer
  alice: TestPerson
  peer: TestPeer
}

/**
 * Sets the scene for the tests of a file, and clears it away after them.
 *
 * @param address the last number of the peer's address
 * @param use is given the scene before the first test
 */
export function setPeerScene(
  address: number,
  use: (scene: PeerScene) => void,
  clock: Clock = systemClock,
): void {
  const stack = new AsyncDisposableStack()
  before(async () => {
    const peer = stack.use(await testPeer(address, clock))
    const alpha = stack.use(await startTestServer({ clock, parts: peerTrustingClient() }))
    use({ alpha, alice: await alpha.register('alice'), peer })
  })
  after(() => stack.disposeAsync())
}
