import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { JsonObject } from '@kith/spec/json'

/** The server's end of a socket in tests: text frames of any size, unfragmented, and closing. */
export interface ServerSocket {
  /** The next frame from the client. */
  next(): Promise<JsonObject>
  send(frame: JsonObject): void
  close(code: number): void
}

export interface SocketServer extends AsyncDisposable {
  url: string
  /** The next connection, upgraded. */
  accept(): Promise<ServerSocket>
  /** What plain requests are answered with, by path. */
  answers: Map<string, { status: number; body: JsonObject }>
  paths: string[]
}

export async function socketServer(): Promise<SocketServer> {
  const answers: SocketServer['answers'] = new Map()
  const connections = queue<ServerSocket>()
  const streams = new Set<Duplex>()
  const paths: string[] = []
  const server = createServer((request, response) => {
    const { status, body } = answers.get(request.url ?? '') ?? { status: 404, body: {} }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  server.on('upgrade', (request, stream) => {
    paths.push(request.url ?? '')
    streams.add(stream)
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64')
    stream.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    )
    connections.put(serverSocket(stream))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accept: connections.take,
    answers,
    paths,
    async [Symbol.asyncDispose]() {
      for (const stream of streams) stream.destroy()
      server.closeAllConnections()
      server.close()
    },
  }
}

function serverSocket(stream: Duplex): ServerSocket {
  const frames = queue<JsonObject>()
  let pending: Buffer = Buffer.alloc(0)
  stream.on('error', () => {})
  stream.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    for (let frame = readFrame(pending); frame; frame = readFrame(pending)) {
      pending = pending.subarray(frame.length)
      if (frame.opcode === 1) frames.put(JSON.parse(frame.text))
    }
  })
  return {
    next: frames.take,
    send: (frame) => stream.write(writeFrame(1, Buffer.from(JSON.stringify(frame)))),
    close(code) {
      stream.write(writeFrame(8, Buffer.from([code >> 8, code & 255])))
      stream.end()
    },
  }
}

/** Reads one masked frame. Source: RFC 6455, section 5.2. */
function readFrame(bytes: Buffer): { opcode: number; text: string; length: number } | undefined {
  if (bytes.length < 6) return undefined
  const short = (bytes[1] ?? 0) & 127
  const header = short === 126 ? 8 : short === 127 ? 14 : 6
  if (bytes.length < header) return undefined
  const size =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (bytes.length < header + size) return undefined
  const mask = bytes.subarray(header - 4, header)
  const text = bytes.subarray(header, header + size).map((byte, index) => byte ^ (mask[index % 4] ?? 0))
  return { opcode: (bytes[0] ?? 0) & 15, text: Buffer.from(text).toString(), length: header + size }
}

function writeFrame(opcode: number, payload: Buffer): Buffer {
  const isLong = payload.length > 125
  const header = Buffer.alloc(isLong ? 4 : 2)
  header[0] = 128 | opcode
  header[1] = isLong ? 126 : payload.length
  if (isLong) header.writeUInt16BE(payload.length, 2)
  return Buffer.concat([header, payload])
}

function queue<T>() {
  const values: T[] = []
  const takers: ((value: T) => void)[] = []
  return {
    put(value: T) {
      const taker = takers.shift()
      if (taker) taker(value)
      else values.push(value)
    },
    take(): Promise<T> {
      const value = values.shift()
      return value === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(value)
    },
  }
}
