/**
 * What a log row says of passing its change on: absent where it is not ours to relay, else `*` for every server in the
 * room, less those named behind: `*!joining.example`.
 */
export function relayToAll(except: readonly string[] = []): string {
  return ['*', ...except].join('!')
}

/** Whether a change goes to a server. */
export function isRelayedTo(relay: string | undefined, server: string): boolean {
  return relay !== undefined && !relay.split('!').includes(server)
}
