/** After a change of the screen, where nothing took the focus, it is at the heading: not at the start of the page. */
export function focusScreen({ type }: { type: string }): void {
  if (type === 'enter' || document.activeElement !== document.body) return
  const mains = [...document.querySelectorAll<HTMLElement>('main, [role="main"]')]
  const main = mains.find((element) => element.checkVisibility())
  const place = main?.querySelector('h1') ?? main
  if (!place) return
  place.tabIndex = -1
  place.focus({ preventScroll: true })
}
