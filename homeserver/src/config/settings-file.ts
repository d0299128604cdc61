import { readFileSync, statSync } from 'node:fs'
import { parse } from 'yaml'
import { StartError } from '../platform/start-error.ts'
import { fileKey, options } from './options.ts'

const known = new Map(Object.values(options).map((option) => [fileKey(option.name), option]))

/**
 * Reads a YAML settings file into texts by key. Every scalar stays as written (`0123`, `on`); a list becomes
 * its entries joined by commas.
 */
export function readSettingsFile(file: string): Map<string, string> {
  const settings = new Map<string, string>()
  for (const [key, content] of Object.entries(parseFile(file))) {
    if (!known.has(key)) throw new StartError(`${file}: unknown setting ${key}`)
    settings.set(key, textOf(content, `${file}: ${key}`))
  }
  refuseExposedSecrets(file, settings)
  return settings
}

function parseFile(file: string): Record<string, unknown> {
  let content: unknown
  try {
    content = parse(readFileSync(file, 'utf8'), { schema: 'failsafe', prettyErrors: true })
  } catch (error) {
    const [reason = ''] = error instanceof Error ? error.message.split('\n') : []
    throw new StartError(`${file}: ${reason.replace(/:$/, '')}`)
  }
  if (content === null || content === '') return {}
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw new StartError(`${file}: must hold lines of "setting: value"`)
  }
  return Object.fromEntries(Object.entries(content))
}

function textOf(content: unknown, where: string): string {
  if (typeof content === 'string') return content
  if (content === null) return ''
  if (Array.isArray(content) && content.every((entry) => typeof entry === 'string')) return content.join(',')
  throw new StartError(`${where}: must be a single value or a list of them`)
}

function refuseExposedSecrets(file: string, settings: Map<string, string>): void {
  const exposed = [...settings].find(([key, text]) => known.get(key)?.isSecret && text !== '')
  if (exposed) refuseWorldReadable(file, `it holds ${exposed[0]}`)
}

/** @throws StartError when the file is absent or everyone may read it. */
export function refuseWorldReadable(file: string, why: string): void {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode
  if (mode === undefined) throw new StartError(`${file}: there is no such file`)
  if (mode & 0o004) {
    throw new StartError(`${file}: is readable by everyone, and ${why}: run chmod o-rwx ${file}`)
  }
}
