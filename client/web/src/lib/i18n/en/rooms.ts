export const rooms = {
  chooseChat: 'Choose a chat to read it here.',
  startChat: 'Start a chat',
}
