import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Address {
  host: string
  port: number
}

/** The way from one browser to one server: a port of its own that can be cut. */
export interface Line extends AsyncDisposable {
  readonly url: string
  /** Breaks what is connected, and takes no more connections. */
  cut(): void
  mend(): void
  /** What is connected still sends, but hears no answer any more. */
  loseAnswers(): void
  /** Lets no request pass, from now on, that has this in its address. */
  withhold(part: string): void
  /** How many are held back. */
  readonly held: number
  /** Lets those pass that are held back now. */
  release(): void
  /** Breaks what is connected; one can connect again at once. */
  shake(): void
}

/**
 * @param serverUrl where the server listens, plain HTTP
 * @param at its own address, where that is seen; any free port when absent
 */
export async function openLine(
  serverUrl: string,
  at: Address = { host: '127.0.0.1', port: 0 },
): Promise<Line> {
  const { hostname, port } = new URL(serverUrl)
  const sockets = new Set<Socket>()
  const answers = new WeakMap<Socket, Socket>()
  let isCut = false
  let withheld: string | undefined
  let held: (() => void)[] = []
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
  }
  const server = createServer({ noDelay: true }, (near) => {
    if (isCut) return near.destroy()
    const far = connect({ host: hostname, port: Number(port), noDelay: true })
    for (const socket of [near, far]) keep(socket)
    near.on('data', (request) => {
      // Over a connection that is kept, a request follows another; its address is in the first line.
      const isHeld =
        withheld !== undefined && request.toString('latin1').split('\r\n', 1)[0]?.includes(withheld)
      if (isHeld) held.push(() => far.write(request))
      else far.write(request)
    })
    near.once('end', () => far.end())
    far.pipe(near)
    answers.set(far, near)
    near.once('close', () => far.destroy())
    far.once('close', () => near.destroy())
  })
  await once(server.listen(at), 'listening')
  const breakAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://${at.host}:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true
      breakAll()
    },
    mend() {
      isCut = false
    },
    loseAnswers() {
      for (const far of sockets) {
        const near = answers.get(far)
        if (near) far.unpipe(near).resume()
      }
    },
    withhold(part) {
      withheld = part
    },
    get held() {
      return held.length
    },
    release() {
      for (const pass of held) pass()
      held = []
    },
    shake: breakAll,
    async [Symbol.asyncDispose]() {
      breakAll()
      server.close()
    },
  }
}
