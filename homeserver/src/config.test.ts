import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { options } from './config/options.ts'
import { loadConfig } from './config.ts'

/** A folder of files with modes, gone after the test. */
function folder(files: Record<string, { text?: string; mode?: number }>) {
  const dir = mkdtempSync(join(tmpdir(), 'kith-config-'))
  for (const [name, { text = '', mode = 0o600 }] of Object.entries(files)) {
    writeFileSync(join(dir, name), text)
    chmodSync(join(dir, name), mode)
  }
  return { at: (name: string) => join(dir, name), [Symbol.dispose]: () => rmSync(dir, { recursive: true }) }
}

function fileArgs(text: string, mode = 0o600) {
  const dir = folder({ 'kith.yaml': { text, mode } })
  return { args: ['--config', dir.at('kith.yaml')], [Symbol.dispose]: dir[Symbol.dispose] }
}

const refused = (env: Record<string, string>, message: RegExp, args: string[] = []) =>
  assert.throws(
    () => loadConfig(env, args),
    (error: Error) => {
      assert.equal(error.name, 'StartError')
      assert.match(error.message, message)
      assert.doesNotMatch(error.message, /\n/)
      return true
    },
  )

test('without any setting the documented defaults hold', () => {
  const config = loadConfig({}, [])

  assert.deepEqual(config, {
    serverName: 'localhost:8448',
    publicUrl: undefined,
    dataDir: join(process.cwd(), 'data'),
    listen: { host: '127.0.0.1', port: 8008 },
    federationListen: { host: '127.0.0.1', port: 8448 },
    tlsCert: undefined,
    tlsKey: undefined,
    tlsCa: undefined,
    metricsListen: { host: '127.0.0.1', port: 9090 },
    databaseUrl: undefined,
    registration: 'closed',
    defaultRoomVersion: '12',
    registrationSharedSecret: undefined,
    allowPrivateAddresses: false,
    trustedProxies: [],
    rateLimits: true,
    logLevel: 'info',
  })
})

test('every setting is read from the environment under its own name', () => {
  using dir = folder({ cert: {}, key: {}, ca: { mode: 0o644 } })
  const config = loadConfig(
    {
      KITH_SERVER_NAME: 'example.org',
      KITH_PUBLIC_URL: 'https://matrix.example.org/',
      KITH_DATA_DIR: '/var/lib/kith',
      KITH_LISTEN: '[::1]:8080',
      KITH_FEDERATION_LISTEN: '0.0.0.0:0',
      KITH_TLS_CERT: dir.at('cert'),
      KITH_TLS_KEY: dir.at('key'),
      KITH_TLS_CA: dir.at('ca'),
      KITH_METRICS_LISTEN: '',
      DATABASE_URL: 'postgres://kith:pw@db.example.org/kith',
      KITH_REGISTRATION: 'open',
      KITH_DEFAULT_ROOM_VERSION: '11',
      KITH_REGISTRATION_SHARED_SECRET: 'sesame',
      KITH_ALLOW_PRIVATE_ADDRESSES: 'true',
      KITH_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8,::1',
      KITH_RATE_LIMITS: 'off',
      KITH_LOG_LEVEL: 'debug',
    },
    [],
  )

  assert.deepEqual(config, {
    serverName: 'example.org',
    publicUrl: 'https://matrix.example.org',
    dataDir: '/var/lib/kith',
    listen: { host: '::1', port: 8080 },
    federationListen: { host: '0.0.0.0', port: 0 },
    tlsCert: dir.at('cert'),
    tlsKey: dir.at('key'),
    tlsCa: dir.at('ca'),
    metricsListen: undefined,
    databaseUrl: 'postgres://kith:pw@db.example.org/kith',
    registration: 'open',
    defaultRoomVersion: '11',
    registrationSharedSecret: 'sesame',
    allowPrivateAddresses: true,
    trustedProxies: ['127.0.0.1/32', '10.0.0.0/8', '::1/128'],
    rateLimits: false,
    logLevel: 'debug',
  })
})

test('the environment wins over the file, and the file over the defaults', () => {
  using file = fileArgs('server_name: file.example\nlog_level: warn\n')

  const config = loadConfig({ KITH_SERVER_NAME: 'env.example' }, file.args)

  assert.equal(config.serverName, 'env.example')
  assert.equal(config.logLevel, 'warn')
})

test('an empty value is an absent one, except where empty means off', () => {
  using file = fileArgs('log_level: warn\nmetrics_listen:\n')

  const config = loadConfig({ KITH_LOG_LEVEL: '', KITH_SERVER_NAME: '' }, file.args)

  assert.equal(config.logLevel, 'warn')
  assert.equal(config.serverName, 'localhost:8448')
  assert.equal(config.metricsListen, undefined)
})

test('the file takes values as they are written: lists, words like on, digits with zeros', () => {
  using file = fileArgs(
    'trusted_proxies: [10.0.0.1, 10.0.0.2]\nrate_limits: on\nregistration_shared_secret: 0123\n',
  )

  const config = loadConfig({}, file.args)

  assert.deepEqual(config.trustedProxies, ['10.0.0.1/32', '10.0.0.2/32'])
  assert.equal(config.rateLimits, true)
  assert.equal(config.registrationSharedSecret, '0123')
})

const wrongValues: Partial<Record<keyof typeof options, string[]>> = {
  serverName: ['exa mple.org', 'example.org:99999x', 'https://example.org'],
  publicUrl: ['matrix.example.org', 'ftp://example.org', 'https://example.org?x', 'https://a:b@example.org'],
  dataDir: ['a\0b'],
  listen: ['8008', ':8008', '127.0.0.1', '127.0.0.1:70000', '::1:8008', '[1.2.3.4]:1', 'host:80x'],
  federationListen: ['8448'],
  metricsListen: ['on'],
  databaseUrl: ['mysql://localhost/kith', 'kith'],
  registration: ['Open', 'yes'],
  defaultRoomVersion: ['0', '13'],
  allowPrivateAddresses: ['1', 'yes'],
  trustedProxies: ['proxy.example.org', '10.0.0.0/33', '10.1'],
  rateLimits: ['true', 'none'],
  logLevel: ['verbose'],
}

for (const [key, values] of Object.entries(wrongValues)) {
  const { name } = options[key as keyof typeof options]
  test(`a wrong ${name} stops the start with one line naming it`, () => {
    for (const text of values) refused({ [name]: text }, new RegExp(`^${name} is not`))
  })
}

test('a wrong value in the file is named by file and setting', () => {
  using file = fileArgs('listen: nowhere\n')
  refused({}, /kith\.yaml: listen is not HOST:PORT, such as .*: "nowhere"$/, file.args)
})

test('an unknown setting, a list of lists and text that is not YAML stop the start', () => {
  for (const [text, message] of [
    ['servername: example.org\n', /unknown setting servername/],
    ['trusted_proxies: [[10.0.0.1]]\n', /trusted_proxies: must be a single value or a list/],
    ['- example.org\n', /must hold lines of "setting: value"/],
    ['server_name: "example\n', /kith\.yaml: .+/],
    ['server_name: a\nserver_name: b\n', /unique/],
  ] as const) {
    using file = fileArgs(text)
    refused({}, message, file.args)
  }
})

test('a file that is not there and an unknown argument stop the start', () => {
  refused({}, /no such file/, ['--config', '/nowhere/kith.yaml'])
  refused({}, /--colour/, ['--colour'])
})

test('a certificate needs its key, and both must be readable files', () => {
  using dir = folder({ cert: {}, key: {} })
  refused({ KITH_TLS_CERT: dir.at('cert') }, /KITH_TLS_KEY is not/)
  refused({ KITH_TLS_KEY: dir.at('key') }, /KITH_TLS_CERT is not/)
  refused({ KITH_TLS_CERT: dir.at('none'), KITH_TLS_KEY: dir.at('key') }, /^KITH_TLS_CERT .*none/)
  refused({ KITH_TLS_CA: dir.at('none') }, /^KITH_TLS_CA .*none/)
})

test('O1: secrets that everyone may read stop the start', () => {
  using dir = folder({ cert: {}, key: { mode: 0o644 } })
  refused({ KITH_TLS_CERT: dir.at('cert'), KITH_TLS_KEY: dir.at('key') }, /key: is readable by everyone/)
  using file = fileArgs('registration_shared_secret: sesame\n', 0o644)
  refused({}, /readable by everyone, and it holds registration_shared_secret/, file.args)
  using harmless = fileArgs('server_name: example.org\n', 0o644)
  assert.equal(loadConfig({}, harmless.args).serverName, 'example.org')
})

test('O6: a wrong secret is named and not shown', () => {
  assert.throws(
    () => loadConfig({ DATABASE_URL: 'mysql://kith:sesame@localhost/kith' }, []),
    (error: Error) => error.message.includes('DATABASE_URL') && !error.message.includes('sesame'),
  )
})
