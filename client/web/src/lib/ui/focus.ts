/** For `{@attach focused}`: an element has the focus when it appears, also in a dialog that opens with it. */
export function focused(element: HTMLElement): void {
  element.autofocus = true
  element.focus()
}
