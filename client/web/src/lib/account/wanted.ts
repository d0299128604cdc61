/** Where somebody goes on who has signed in. */

import { addresses } from '../addresses.ts'

/** The address of the sign-in page that leads back to where somebody is, or wants to go. */
export function signInFor({ pathname, search }: { pathname: string; search: string }): string {
  if (isEntrance(pathname)) return pathname + search
  const to = pathname + search
  return to === addresses.chats ? addresses.login : `${addresses.login}?to=${encodeURIComponent(to)}`
}

/** Where the page's own address says to go; never another site. */
export function wantedOf(page: URL): string {
  const to = page.searchParams.get('to') ?? addresses.chats
  if (!URL.canParse(to, page.origin)) return addresses.chats
  const { origin, pathname, search } = new URL(to, page.origin)
  return origin === page.origin && !isEntrance(pathname) ? pathname + search : addresses.chats
}

export function isEntrance(pathname: string): boolean {
  return pathname === addresses.login || pathname === addresses.register
}
