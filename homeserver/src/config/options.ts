import { defaultRoomVersion, roomVersions } from '@kith/spec/rooms/room-version'
import * as value from './values.ts'

/** One setting: the single place that its reading, its documentation and its error messages come from. */
export interface Option<T> {
  /** The environment variable. In the settings file it is the same in lower case and without `KITH_`. */
  name: string
  /** One sentence for the manual, with the unit where there is one. */
  meaning: string
  /** What is read when the setting is absent; empty for none. */
  default: string
  /** Never shown, and a file that holds it must not be readable by everyone. */
  isSecret?: true
  /** An empty value means "off" and not "absent". */
  emptyIsOff?: true
  read(text: string): T
}

const option = <T>(definition: Option<T>) => definition

export const options = {
  serverName: option({
    name: 'KITH_SERVER_NAME',
    meaning: 'The domain in user ids. Fixed once a database exists: a different one refuses to start.',
    default: 'localhost:8448',
    read: value.serverName,
  }),
  publicUrl: option({
    name: 'KITH_PUBLIC_URL',
    meaning: "The client API's address, announced by well-known. Unset: taken from the request's Host.",
    default: '',
    read: value.optional(value.httpUrl),
  }),
  dataDir: option({
    name: 'KITH_DATA_DIR',
    meaning: 'The folder of the embedded database, media and keys.',
    default: './data',
    read: value.path,
  }),
  listen: option({
    name: 'KITH_LISTEN',
    meaning: 'HOST:PORT of the client API, the web client, and federation behind a TLS proxy. Plain HTTP.',
    default: '127.0.0.1:8008',
    read: value.listenAddress,
  }),
  federationListen: option({
    name: 'KITH_FEDERATION_LISTEN',
    meaning: 'HOST:PORT of federation over TLS.',
    default: '127.0.0.1:8448',
    read: value.listenAddress,
  }),
  tlsCert: option({
    name: 'KITH_TLS_CERT',
    meaning: 'File of the certificate chain (PEM) for the federation port. Unset: self-signed, made once.',
    default: '',
    read: value.optional(value.path),
  }),
  tlsKey: option({
    name: 'KITH_TLS_KEY',
    meaning: 'File of the private key (PEM) of that certificate. It must not be readable by everyone.',
    default: '',
    read: value.optional(value.path),
  }),
  tlsCa: option({
    name: 'KITH_TLS_CA',
    meaning: 'File of extra CA certificates (PEM) to trust in outgoing federation.',
    default: '',
    read: value.optional(value.path),
  }),
  metricsListen: option({
    name: 'KITH_METRICS_LISTEN',
    meaning: 'HOST:PORT of `/metrics` (Prometheus) and `/health`. Empty: off.',
    default: '127.0.0.1:9090',
    emptyIsOff: true,
    read: value.optional(value.listenAddress),
  }),
  databaseUrl: option({
    name: 'DATABASE_URL',
    meaning: 'A PostgreSQL of version 15 or later (UTF8, collation C). Unset: the embedded one.',
    default: '',
    isSecret: true,
    read: value.optional(value.databaseUrl),
  }),
  registration: option({
    name: 'KITH_REGISTRATION',
    meaning: 'Whether anybody may make an account: `open` or `closed`.',
    default: 'closed',
    read: value.word('open', 'closed'),
  }),
  defaultRoomVersion: option({
    name: 'KITH_DEFAULT_ROOM_VERSION',
    meaning: 'The version of rooms whose creator names none.',
    default: defaultRoomVersion,
    read: value.word(...roomVersions.keys()),
  }),
  registrationSharedSecret: option({
    name: 'KITH_REGISTRATION_SHARED_SECRET',
    meaning: 'Turns on `/_synapse/admin/v1/register`, for whoever knows this secret.',
    default: '',
    isSecret: true,
    read: value.optional(value.secret),
  }),
  allowPrivateAddresses: option({
    name: 'KITH_ALLOW_PRIVATE_ADDRESSES',
    meaning: 'Whether outgoing requests may reach private and loopback addresses: `true` or `false`.',
    default: 'false',
    read: value.either('true', 'false'),
  }),
  trustedProxies: option({
    name: 'KITH_TRUSTED_PROXIES',
    meaning: 'Addresses and networks whose forwarded headers count, separated by commas.',
    default: '',
    read: value.networks,
  }),
  rateLimits: option({
    name: 'KITH_RATE_LIMITS',
    meaning: '`on` or `off`.',
    default: 'on',
    read: value.either('on', 'off'),
  }),
  logLevel: option({
    name: 'KITH_LOG_LEVEL',
    meaning:
      'The least serious messages to log: `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.',
    default: 'info',
    read: value.word('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
  }),
}

/** The name of a setting in the settings file. */
export const fileKey = (name: string) => name.replace(/^KITH_/, '').toLowerCase()
