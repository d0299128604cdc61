import type { RoomName } from '../../../../core/views.ts'
import { text } from '../i18n/language.svelte.ts'
import { nameList } from '../i18n/names.ts'

/** What a chat is called in the language that is shown. */
export function roomName(name: RoomName): string {
  if (name.kind === 'given') return name.text
  if (name.kind === 'people') {
    return nameList(name.more > 0 ? [...name.names, text.rooms.others(name.more)] : name.names)
  }
  return name.names.length > 0 ? text.rooms.emptyOf(nameList(name.names)) : text.rooms.empty
}
