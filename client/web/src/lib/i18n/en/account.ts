export const account = {
  // --- signing in and registering
  signIn: 'Sign in',
  register: 'Create an account',
  name: 'Name',
  password: 'Password',
  showPassword: 'Show the password',
  hidePassword: 'Hide the password',
  server: 'Server',
  serverHint: 'Where the account is, for example: example.org',
  onServer: (server: string) => `on ${server}`,
  changeServer: 'Change',
  changeServerLong: 'Change the server',
  looking: 'Looking for the server …',
  missing: {
    name: 'Type a name.',
    password: 'Type a password.',
    server: 'Type the name of a server, for example: example.org',
  },
  noAccount: 'No account yet?',
  haveAccount: 'You have an account?',
  registrationClosed: (server: string) =>
    `${server} does not take new accounts. Its administrator can make one for you.`,
  registrationElsewhere: (server: string) => `Accounts of ${server} are made on its own site.`,
  checkingName: 'Is this name free? …',
  nameFree: (address: string) => `This name is free. Your address will be ${address}`,
  /** What this browser is called in the list of one's devices. */
  device: (browser: string, system: string) =>
    ['Kith', browser && `in ${browser}`, system && `on ${system}`].filter(Boolean).join(' '),
  signInAgain: 'Sign in again',
  lockedWhy: 'Your server asks for your password again. Your chats on this device are kept.',
  language: 'Language',
  signOut: 'Sign out',
  signOutQuestion: 'Sign out?',
  signOutMeans: 'Your chats are removed from this device. Messages that have not been sent yet are lost.',
}
