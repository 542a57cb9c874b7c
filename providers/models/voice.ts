/** The parts of a sentence that depend on who speaks: what is wrong is the same, where it is cured is not. */
export interface Voice {
  /** Where the question is asked from, at the beginning of a sentence. */
  here: string
  /** The token that was sent. */
  token: string
  /** After "wants a token for this …". */
  noToken: string
  /** After "save one". */
  where: string
  replaceIt: string
  again: string
  /** After the token's rights were changed with its issuer. */
  rightsChanged: string
}

/** A machine that runs holds what it was launched with. */
export const SESSION_VOICE: Voice = {
  here: 'this machine',
  token: 'the token of this session',
  noToken: 'file and this session holds none',
  where: 'in your Slipway profile and relaunch the machine: a running session doesn’t pick it up.',
  replaceIt: 'Save a new one in your Slipway profile and relaunch the machine.',
  again: 'download again',
  rightsChanged: 'no relaunch is needed',
}

/** The page on which tokens are saved. */
export const PROFILE_VOICE: Voice = {
  here: 'this server',
  token: 'your saved token',
  noToken: 'model and none is saved',
  where: 'on this page.',
  replaceIt: 'Replace it with a new one.',
  again: 'check again',
  rightsChanged: 'the token itself stays the same',
}
