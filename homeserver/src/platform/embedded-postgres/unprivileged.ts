/** Any user id but 0 will do: it is seen only by PostgreSQL, in a namespace of its own. */
const innerId = 1000

/**
 * PostgreSQL refuses to run as root. For root, the command is wrapped so that it runs in a user namespace in
 * which root's own id appears as an ordinary one: files stay root's outside, and a folder of mode 0700 works.
 */
export function unprivileged(program: string, args: string[]): { file: string; args: string[] } {
  if (process.getuid?.() !== 0) return { file: program, args }
  const namespace = ['--user', `--map-user=${innerId}`, `--map-group=${innerId}`, '--']
  return { file: 'unshare', args: [...namespace, program, ...args] }
}

export const noNamespaceHint =
  'PostgreSQL does not run as root, and a user namespace could not be made: start Kith as another user, or set DATABASE_URL'
