import type { ErrorKey } from '../../../../../core/api.ts'

/** What happened, and what to do. */
export const errors: Record<ErrorKey, string> = {
  offline: 'The server cannot be reached. Check your connection and try again.',
  timeout: 'The server did not answer in time. Try again.',
  'server-trouble': 'The server has trouble at the moment. Try again in a while.',
  'not-a-homeserver': 'There is no chat server at this address. Check the spelling.',
  'rate-limited': 'That was too often. Wait a moment and try again.',
  'wrong-password': 'The name or the password is wrong.',
  'signed-out': 'You have been signed out. Sign in again.',
  'account-closed': 'This account has been closed.',
  'account-suspended': 'This account is suspended: it can read, but not write.',
  'name-taken': 'This name is taken. Choose another.',
  'name-invalid': 'A name may have lowercase letters, digits and . _ = - / only.',
  'password-weak': 'This password is too weak for the server. Choose a longer one.',
  'registration-closed': 'This server does not take new accounts. Ask its administrator.',
  'registration-elsewhere': 'Accounts of this server are made on its own site.',
  'login-elsewhere': 'This server does not let you sign in with a password here.',
  'not-allowed': 'You are not allowed to do this here.',
  'not-found': 'It is not there any more.',
  'no-such-room': 'There is no group at this address.',
  'no-such-person': 'There is no such person. Check the spelling.',
  'already-there': 'They are here already.',
  'too-long': 'This is too long to send.',
  'room-unsupported': 'Your server is too old for this group.',
  'invalid-input': 'The server did not accept this. Check what you typed.',
  unknown: 'Something went wrong. Try again.',
}
