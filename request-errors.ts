interface RequestErrorEntry {
  /** What happened, in one sentence for the caller; more may be said in its place where more is known. */
  message: string
  /** What the caller can do about it. */
  cure: string
  /** Whether it passes by itself, so that the request is tried again before it fails. */
  isPassing?: true
}

const AGAIN = 'Run it again; if it keeps happening, tell your administrator.'

/** Why requests to models fail. */
export const REQUEST_ERRORS = {
  machine_failed: {
    message: 'The machine that was launched for this could not be started.',
    cure: 'Open the machine to see why, then run it again.',
  },
  limit_reached: {
    message: 'You have as many machines as you may, and none of them can run this.',
    cure: 'Stop one of them, then run it again.',
  },
  disk_limit: {
    message: 'Your files take more than they may.',
    cure: 'Delete machines or saves that you no longer need, or launch one of your machines again and remove files there. Then run it again.',
  },
  size_unavailable: {
    message: 'You can’t launch a machine of the size that this model asks for.',
    cure: 'Ask the owner of the model or your administrator for another size.',
  },
  account_shut: {
    message: 'The account of the caller was shut.',
    cure: 'Ask your administrator.',
  },
  nodes_missing: {
    message: 'The machine lacks nodes that this model uses.',
    cure: 'Install them on your machine with ComfyUI’s manager, or ask the owner of the model.',
  },
  models_missing: {
    message: 'The machine lacks model files that this model loads.',
    cure: 'Download them in the machine’s file manager, then run it again.',
  },
  download_failed: {
    message: 'A model file that this model loads could not be downloaded.',
    cure: 'Open the machine’s file manager to see why, then run it again.',
  },
  input_unusable: {
    message: 'A file that was given as an input could not be used.',
    cure: 'Give another address, or send the file as a data: URL.',
  },
  refused: {
    message: 'ComfyUI refused the workflow.',
    cure: 'Change the inputs, or ask the owner of the model to publish a version that runs.',
  },
  node_failed: {
    message: 'A node of the workflow failed.',
    cure: 'Change the inputs; the log of the machine’s ComfyUI says more.',
  },
  interrupted: {
    message: 'Somebody interrupted it in ComfyUI.',
    cure: 'Run it again.',
  },
  machine_lost: {
    message: 'The machine ended while it worked on this. It was not run a second time.',
    cure: 'Run it again.',
  },
  outcome_unknown: {
    message:
      'Slipway was cut off while it handed this to ComfyUI, so it may or may not have run. It was not handed over a second time.',
    cure: 'Run it again.',
  },
  no_output: {
    message: 'ComfyUI finished, and none of the model’s outputs held anything.',
    cure: 'Tell the owner of the model.',
  },
  result_too_large: {
    message: 'What came out is larger than this server keeps.',
    cure: 'Ask for less, or take it from the machine’s file manager.',
  },
  disk_full: {
    message: 'The server’s disk has too little room for what came out.',
    cure: 'Tell your administrator, then run it again.',
  },
  timed_out: {
    message: 'It took longer than a request may take here.',
    cure: 'Ask for less, or ask your administrator for more time.',
  },
  comfyui_unreachable: {
    message: 'The machine’s ComfyUI did not answer.',
    cure: AGAIN,
    isPassing: true,
  },
  worker_lost: {
    message: 'The request was cut off several times by a crash.',
    cure: AGAIN,
  },
  restored: {
    message: 'Slipway was restored from a backup that was made before this had ended. It was not run again.',
    cure: 'Run it again.',
  },
  internal: {
    message: 'Something went wrong inside Slipway.',
    cure: AGAIN,
    isPassing: true,
  },
} as const satisfies Record<string, RequestErrorEntry>

export type RequestErrorClass = keyof typeof REQUEST_ERRORS

/** What a caller can do about a failure, of whichever version; undefined for a class that this one doesn't know. */
export const requestErrorCure = (errorClass: string): string | undefined =>
  Object.hasOwn(REQUEST_ERRORS, errorClass) ? REQUEST_ERRORS[errorClass as RequestErrorClass].cure : undefined
