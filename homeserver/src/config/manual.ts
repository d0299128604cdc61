import { fileKey, options } from './options.ts'

/** The table of settings in README.md. */
export function settingsTable(): string {
  const rows = Object.values(options).map((option) => {
    const byDefault = option.default === '' ? '' : `\`${option.default}\``
    return `| \`${option.name}\` | \`${fileKey(option.name)}\` | ${option.meaning} | ${byDefault} |`
  })
  return ['| variable | in the file | meaning | default |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

/** What `--help` prints. */
export function helpText(): string {
  const settings = Object.values(options).map((option) => {
    const byDefault = option.default === '' ? '' : ` Default: ${option.default}`
    return `  ${option.name}\n      ${option.meaning}${byDefault}`
  })
  return [
    'Kith, a Matrix homeserver.',
    '',
    'Usage: npm start [-- --config FILE]',
    '',
    '  --config FILE  a YAML file of settings: the names below in lower case without KITH_',
    '  --help         this text',
    '',
    'Environment variables, which win over the file:',
    '',
    ...settings,
    '',
  ].join('\n')
}
