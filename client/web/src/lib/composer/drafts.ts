/** What was typed and not sent, in this browser. It is of an account, so it goes when the account signs out. */

export interface Draft {
  text: string
  mentions: Mention[]
}

/** Somebody chosen from the list: mentioned while `@name` is still in the text. */
export interface Mention {
  userId: string
  name: string
}

const prefix = 'kith.draft.'

export function readDraft(roomId: string): Draft {
  try {
    const stored = localStorage.getItem(prefix + roomId)
    if (stored !== null) return JSON.parse(stored) as Draft
  } catch {
    // Storage is off in this browser: drafts last as long as the page.
  }
  return { text: '', mentions: [] }
}

export function writeDraft(roomId: string, draft: Draft): void {
  try {
    if (draft.text === '') localStorage.removeItem(prefix + roomId)
    else localStorage.setItem(prefix + roomId, JSON.stringify(draft))
  } catch {
    // Off, or full: the page still has it.
  }
}

export function wipeDrafts(): void {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(prefix)) localStorage.removeItem(key)
    }
  } catch {
    // Off, so nothing was written.
  }
}
