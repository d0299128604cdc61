import { accessSync, constants } from 'node:fs'
import { parseArgs } from 'node:util'
import { fileKey, type Option, options } from './config/options.ts'
import { readSettingsFile, refuseWorldReadable } from './config/settings-file.ts'
import { StartError } from './platform/start-error.ts'

type Options = typeof options

/** The settings, by the names of the table in config/options.ts. */
export type Config = { readonly [Name in keyof Options]: ReturnType<Options[Name]['read']> }

type Environment = Record<string, string | undefined>

/**
 * Reads the settings: from the environment, else from the file named by `--config`, else the defaults.
 *
 * @throws StartError naming the first wrong one
 */
export function loadConfig(env: Environment, args: string[]): Config {
  const file = configFile(args)
  const settings = file === undefined ? new Map<string, string>() : readSettingsFile(file)
  const read = <T>(option: Option<T>) => readOption(option, { env, file, settings })
  const config: Config = {
    serverName: read(options.serverName),
    publicUrl: read(options.publicUrl),
    dataDir: read(options.dataDir),
    listen: read(options.listen),
    federationListen: read(options.federationListen),
    tlsCert: read(options.tlsCert),
    tlsKey: read(options.tlsKey),
    tlsCa: read(options.tlsCa),
    metricsListen: read(options.metricsListen),
    databaseUrl: read(options.databaseUrl),
    registration: read(options.registration),
    defaultRoomVersion: read(options.defaultRoomVersion),
    registrationSharedSecret: read(options.registrationSharedSecret),
    allowPrivateAddresses: read(options.allowPrivateAddresses),
    trustedProxies: read(options.trustedProxies),
    rateLimits: read(options.rateLimits),
    logLevel: read(options.logLevel),
  }
  checkTlsFiles(config)
  return config
}

function configFile(args: string[]): string | undefined {
  try {
    return parseArgs({ args, options: { config: { type: 'string' } } }).values.config
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message.split('\n')[0] : String(error))
  }
}

interface Sources {
  env: Environment
  file: string | undefined
  settings: Map<string, string>
}

function readOption<T>(option: Option<T>, { env, file, settings }: Sources): T {
  const isGiven = (text: string | undefined) => text !== undefined && (text !== '' || option.emptyIsOff)
  const fromEnv = env[option.name]
  const fromFile = settings.get(fileKey(option.name))
  const [where, text] = isGiven(fromEnv)
    ? [option.name, fromEnv]
    : [`${file}: ${fileKey(option.name)}`, isGiven(fromFile) ? fromFile : option.default]
  try {
    return option.read(text ?? '')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError(
      option.isSecret ? `${where} ${reason}` : `${where} ${reason}: ${JSON.stringify(text)}`,
    )
  }
}

function checkTlsFiles({ tlsCert, tlsKey, tlsCa }: Config): void {
  if (tlsCert && !tlsKey) throw new StartError('KITH_TLS_CERT is set but KITH_TLS_KEY is not')
  if (tlsKey && !tlsCert) throw new StartError('KITH_TLS_KEY is set but KITH_TLS_CERT is not')
  mustBeReadable(options.tlsCert.name, tlsCert)
  mustBeReadable(options.tlsKey.name, tlsKey)
  mustBeReadable(options.tlsCa.name, tlsCa)
  if (tlsKey) refuseWorldReadable(tlsKey, 'it is a private key')
}

function mustBeReadable(name: string, file: string | undefined): void {
  if (file === undefined) return
  try {
    accessSync(file, constants.R_OK)
  } catch {
    throw new StartError(`${name} is not a file that can be read: ${JSON.stringify(file)}`)
  }
}
