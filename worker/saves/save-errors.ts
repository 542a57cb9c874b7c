import type { LaunchFailure } from '../../db/launch-attempts'

/** Every way in which a save fails: what to tell the user, and whether trying again can help. */
const SAVE_ERRORS = {
  nothing_to_save: {
    message: 'This machine never got as far as having files, so there is nothing to save.',
    retryable: false,
  },
  disk_full: {
    message:
      'The server’s disk was full before the save was done. Delete saves or files that you no longer need, and save again.',
    retryable: false,
  },
  token_unreadable: {
    message:
      'A saved token could not be opened, so Slipway can’t make sure that no file holds it. Save the token again on your profile, then save the workspace again.',
    retryable: false,
  },
  token_came_meanwhile: {
    message:
      'A file got one of your tokens while it was being saved. Save again once the machine no longer writes it.',
    retryable: true,
  },
  worker_lost: {
    message: 'Saving was cut off several times by a crash. Save again, or ask your administrator.',
    retryable: false,
  },
  internal: {
    message: 'Something went wrong inside Slipway. Save again, or ask your administrator.',
    retryable: true,
  },
} as const satisfies Record<string, { message: string; retryable: boolean }>

/** A failure with its class; `detail` is for the administrator. */
export class SaveError extends Error {
  override name = 'SaveError'
  constructor(
    readonly errorClass: keyof typeof SAVE_ERRORS,
    readonly detail: string,
    /** In place of the sentence of the class, where more is known. */
    readonly sentence?: string,
  ) {
    super(errorClass)
  }

  get retryable(): boolean {
    return SAVE_ERRORS[this.errorClass].retryable
  }

  get failure(): LaunchFailure {
    const message = this.sentence ?? SAVE_ERRORS[this.errorClass].message
    return { errorClass: this.errorClass, message, detail: this.detail }
  }
}

/** Whether all that went wrong is that there is no room left on the disk. */
export const isDiskFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '')
