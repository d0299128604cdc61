import { text } from '../i18n/language.svelte.ts'

const browsers = { Edg: 'Edge', OPR: 'Opera', Firefox: 'Firefox', Chrome: 'Chrome', Safari: 'Safari' }
const systems = {
  Android: 'Android',
  iPhone: 'iPhone',
  iPad: 'iPad',
  Windows: 'Windows',
  'Mac OS': 'macOS',
  Linux: 'Linux',
}

/** How this browser is called in the list of one's devices. The order matters: most name others too. */
export function deviceName(agent = navigator.userAgent): string {
  const find = (names: Record<string, string>) =>
    Object.entries(names).find(([mark]) => agent.includes(mark))?.[1] ?? ''
  return text.account.device(find(browsers), find(systems))
}
