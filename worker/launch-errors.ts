import type { LaunchFailure } from '../db/launch-attempts'

/** Every way in which a launch fails: what to tell the user, and whether trying again can help. */
export const LAUNCH_ERRORS = {
  token_unreadable: {
    message:
      "A saved token could not be opened with this server's keys. Save the token again, then relaunch.",
    retryable: false,
  },
  command_not_found: {
    message: 'The program of a service was not found on the server. Your administrator can see which.',
    retryable: false,
  },
  not_set_up: {
    message: 'This server does not say how to start this kind of machine. Its operator has to set that up.',
    retryable: false,
  },
  start_timeout: {
    message: 'A service started but did not answer in time. Relaunch, or ask your administrator for its log.',
    retryable: false,
  },
  service_exited: {
    message: 'A service ended while it was starting.',
    retryable: true,
  },
  service_gone: {
    message: 'The machine stopped by itself. Relaunch it; its workspace is kept.',
    retryable: false,
  },
  runtime_unavailable: {
    message: 'The server could not start the machine just now.',
    retryable: true,
  },
  engine_unreachable: {
    message:
      'The server that runs machines did not answer. It is tried again; if it stays away, tell your administrator.',
    retryable: true,
  },
  image_unavailable: {
    message: 'The image of a service is not there. Your administrator can see which, and has to provide it.',
    retryable: false,
  },
  registry_unreachable: {
    message: 'The image of a service could not be fetched just now.',
    retryable: true,
  },
  networks_exhausted: {
    message:
      'The server has no network left for another machine. Stop one, or ask your administrator for more.',
    retryable: true,
  },
  name_taken: {
    message: 'Something else on the server has the name of this machine. Your administrator can see what.',
    retryable: false,
  },
  save_gone: {
    message:
      'The cloud save that this machine was to start from is no longer there. Start from another save.',
    retryable: false,
  },
  save_damaged: {
    message:
      'The cloud save that this machine was to start from is damaged on the server’s disk, so nothing of it was used. Start from another save, and tell your administrator.',
    retryable: false,
  },
  disk_full: {
    message:
      'The server’s disk has too little room for this machine’s files. Delete saves or files that you no longer need, then launch again.',
    retryable: false,
  },
  worker_lost: {
    message: 'The launch was cut off several times by a crash. Your administrator can retry it.',
    retryable: false,
  },
  internal: {
    message: 'Something went wrong inside Slipway. Your administrator can see what.',
    retryable: true,
  },
} as const satisfies Record<string, { message: string; retryable: boolean }>

export type LaunchErrorClass = keyof typeof LAUNCH_ERRORS

/** A failure with its class; `detail` is for the administrator and holds no secret. */
export class LaunchError extends Error {
  override name = 'LaunchError'
  constructor(
    readonly errorClass: LaunchErrorClass,
    readonly detail: string,
  ) {
    super(errorClass)
  }

  get retryable(): boolean {
    return LAUNCH_ERRORS[this.errorClass].retryable
  }

  get failure(): LaunchFailure {
    return {
      errorClass: this.errorClass,
      message: LAUNCH_ERRORS[this.errorClass].message,
      detail: this.detail,
    }
  }
}

/** @param error whatever was thrown on the way; what nobody foresaw is `internal` */
export const asLaunchError = (error: unknown): LaunchError =>
  error instanceof LaunchError
    ? error
    : new LaunchError('internal', error instanceof Error ? `${error.name}: ${error.message}` : String(error))
