/** Where the screens are. */

export const addresses = {
  chats: '/',
  login: '/login',
  register: '/register',
  settings: '/settings',
  newGroup: '/new',
  newChat: '/new/chat',
  join: '/join',
  room: (roomId: string) => `/room/${encodeURIComponent(roomId)}`,
  roomInfo: (roomId: string) => `/room/${encodeURIComponent(roomId)}?panel=info`,
}
