/** What people filter failed launches by; each class of failure belongs to one. No class has the name of a group. */
export const LAUNCH_ERROR_GROUPS = {
  image: 'Image',
  capacity: 'Capacity',
  keys: 'Key mismatch',
  configuration: 'Configuration',
  saves: 'Cloud saves',
  timeout: 'Start-up timeout',
  exited: 'Service exited',
  engine: 'Engine',
  slipway: 'Slipway itself',
  restore: 'Restored from a backup',
} as const
export type LaunchErrorGroup = keyof typeof LAUNCH_ERROR_GROUPS

export interface LaunchErrorEntry {
  group: LaunchErrorGroup
  /** What an administrator calls it. */
  label: string
  /** What happened, in one sentence for the user; */
  message: string
  /** what the user can do about it, */
  cure: string
  /** and what an administrator can. */
  adminCure: string
  /**
   * `by_itself`: passes, so the launch is tried again before it fails. `may_help`: somebody may try again as
   * things are. `after_cure`: it would fail in the same way until the cure was applied.
   */
  retry: 'by_itself' | 'may_help' | 'after_cure'
}

const AGAIN = 'Relaunch it; if that fails too, tell your administrator.'
const ASK = 'Ask your administrator to set this right, then relaunch.'

/** Every way in which a launch fails. The database keeps the names, so a class that was here once may come back. */
export const LAUNCH_ERRORS = {
  token_unreadable: {
    group: 'keys',
    label: 'Token unreadable',
    message: "A saved token could not be opened with this server's keys.",
    cure: 'Save the token again, then relaunch.',
    adminCure:
      'If the token keys were lost or exchanged, bring back the one that is missing. Else the owner has to save the token again.',
    retry: 'after_cure',
  },
  command_not_found: {
    group: 'configuration',
    label: 'Program not found',
    message: 'The program of a service was not found on the server.',
    cure: ASK,
    adminCure: 'Mend the command, or the image, that the detail names.',
    retry: 'after_cure',
  },
  not_set_up: {
    group: 'configuration',
    label: 'Not set up',
    message: 'This server does not say how to start this kind of machine.',
    cure: ASK,
    adminCure: 'Set COMFYUI_COMMAND or TRAINER_COMMAND, with Docker the image, and start Slipway again.',
    retry: 'after_cure',
  },
  size_unavailable: {
    group: 'configuration',
    label: 'Size no longer offered',
    message: 'The size of this machine is no longer offered.',
    cure: 'Relaunch it with another one.',
    adminCure: 'Put the size back into the file of sizes, or let the owner choose another one.',
    retry: 'after_cure',
  },
  name_taken: {
    group: 'configuration',
    label: 'Name taken',
    message: 'Something else on the server has the name of this machine.',
    cure: ASK,
    adminCure: 'Remove or rename what the detail names. Slipway never touches what it did not make.',
    retry: 'after_cure',
  },
  cluster_refused: {
    group: 'configuration',
    label: 'Refused by the cluster',
    message: 'The server is not set up to run this machine.',
    cure: ASK,
    adminCure: 'Mend what the detail names: an image, a size, the claim, or a policy of the namespace.',
    retry: 'after_cure',
  },
  cluster_forbidden: {
    group: 'configuration',
    label: 'Not allowed in the cluster',
    message: 'The server is not allowed to run machines.',
    cure: ASK,
    adminCure:
      'Give Slipway’s service account the verb and resource that the detail names, or credentials that are valid.',
    retry: 'after_cure',
  },
  start_timeout: {
    group: 'timeout',
    label: 'No answer in time',
    message: 'A service started but did not answer in time.',
    cure: AGAIN,
    adminCure:
      'The detail has the last lines of its log. If it only needs longer, raise START_TIMEOUT_SECONDS.',
    retry: 'may_help',
  },
  start_hung: {
    group: 'timeout',
    label: 'Went quiet',
    message: 'The launch went quiet and was given up.',
    cure: AGAIN,
    adminCure: 'See that the host, its disk and the Engine answer.',
    retry: 'may_help',
  },
  service_exited: {
    group: 'exited',
    label: 'Ended while starting',
    message: 'A service ended while it was starting.',
    cure: 'Mend what its log says, or tell your administrator; then relaunch.',
    adminCure: 'The detail has the last lines of its log.',
    retry: 'by_itself',
  },
  service_gone: {
    group: 'exited',
    label: 'Stopped by itself',
    message: 'The machine stopped by itself.',
    cure: 'Relaunch it; its workspace is kept.',
    adminCure: 'Its log may say why; often the host had no memory left, or was started again.',
    retry: 'may_help',
  },
  runtime_unavailable: {
    group: 'engine',
    label: 'Could not start',
    message: 'The server could not start the machine just now.',
    cure: AGAIN,
    adminCure: 'The detail says what the host or the Engine refused.',
    retry: 'by_itself',
  },
  engine_unreachable: {
    group: 'engine',
    label: 'Engine unreachable',
    message: 'The Engine that runs machines did not answer.',
    cure: 'Relaunch it in a few minutes; if that fails too, tell your administrator.',
    adminCure: "See that the Engine of DOCKER_HOST, or the cluster's API, runs, and that Slipway may ask it.",
    retry: 'by_itself',
  },
  image_unavailable: {
    group: 'image',
    label: 'Image not there',
    message: 'The image of a service is not there.',
    cure: ASK,
    adminCure: 'Build or pull the image that the detail names, or mend the setting that names it.',
    retry: 'after_cure',
  },
  registry_unreachable: {
    group: 'image',
    label: 'Registry unreachable',
    message: 'The image of a service could not be fetched just now.',
    cure: 'Relaunch it in a few minutes; if that fails too, tell your administrator.',
    adminCure: 'See that this host reaches the registry, or pull the image by hand.',
    retry: 'by_itself',
  },
  no_room: {
    group: 'capacity',
    label: 'No room',
    message: 'No server had room for this machine in time.',
    cure: 'Stop a machine that you no longer need, or choose a smaller size; then relaunch.',
    adminCure:
      'The detail says what the nodes lack. Add nodes, or raise START_TIMEOUT_SECONDS where nodes are added on demand.',
    retry: 'may_help',
  },
  quota_exceeded: {
    group: 'capacity',
    label: 'Quota used up',
    message: 'All that machines may use together is in use.',
    cure: 'Stop a machine that you no longer need, then relaunch.',
    adminCure: 'Stop machines, or raise the ResourceQuota of the namespace that the detail names.',
    retry: 'by_itself',
  },
  networks_exhausted: {
    group: 'capacity',
    label: 'No network left',
    message: 'The server has no network left for another machine.',
    cure: 'Stop a machine that you no longer need, then relaunch.',
    adminCure:
      'Stop machines, or give the Engine more and smaller networks: default-address-pools in its daemon.json.',
    retry: 'by_itself',
  },
  disk_full: {
    group: 'capacity',
    label: 'Disk full',
    message: 'The server’s disk has too little room for this machine’s files.',
    cure: 'Delete saves or files that you no longer need, then relaunch.',
    adminCure: 'Make room on the disk of DATA_DIR. The detail says how much is missing.',
    retry: 'after_cure',
  },
  save_gone: {
    group: 'saves',
    label: 'Save gone',
    message: 'The cloud save that this machine was to start from is no longer there.',
    cure: 'Launch from another save.',
    adminCure:
      'Bring its archive back into DATA_DIR/saves from a backup, or let the owner choose another save.',
    retry: 'after_cure',
  },
  save_damaged: {
    group: 'saves',
    label: 'Save damaged',
    message:
      'The cloud save that this machine was to start from is damaged on the server’s disk, so nothing of it was used.',
    cure: 'Launch from another save, and tell your administrator.',
    adminCure: 'Bring its archive back into DATA_DIR/saves from a backup, and look after the disk.',
    retry: 'after_cure',
  },
  gpu_unavailable: {
    group: 'capacity',
    label: 'No GPU',
    message: 'The server could not give the machine a GPU.',
    cure: 'Choose a size without one, or tell your administrator.',
    adminCure:
      'Install the NVIDIA Container Toolkit on the Engine’s host, or mend the size’s GPUs as the detail says.',
    retry: 'after_cure',
  },
  worker_lost: {
    group: 'slipway',
    label: 'Cut off by crashes',
    message: 'The launch was cut off several times by a crash.',
    cure: AGAIN,
    adminCure: "The server's log says why its worker ended.",
    retry: 'may_help',
  },
  restored: {
    // Of its own: whoever retries what Slipway itself did wrong means none of these.
    group: 'restore',
    label: 'Before a restore',
    message:
      'Slipway was restored from a backup that was made while this machine ran or was on its way, so it was not started again.',
    cure: 'Launch another one, from a cloud save if you have one. A relaunch finds its workspace only where that is still on the server’s disk.',
    adminCure: 'Nothing is wrong. Backups hold no workspaces; the detail says when this one was made.',
    retry: 'may_help',
  },
  internal: {
    group: 'slipway',
    label: 'Internal error',
    message: 'Something went wrong inside Slipway.',
    cure: AGAIN,
    adminCure: 'The detail and the server’s log say what. Please report it.',
    retry: 'by_itself',
  },
} as const satisfies Record<string, LaunchErrorEntry>

export type LaunchErrorClass = keyof typeof LAUNCH_ERRORS

/** What is said of a class that an older version wrote down and this one no longer has. */
const UNKNOWN: Omit<LaunchErrorEntry, 'label' | 'message'> = {
  group: 'slipway',
  cure: AGAIN,
  adminCure: 'This version of Slipway does not know this class any more; the detail says what happened.',
  retry: 'may_help',
}

/** @param errorClass as the database has it, of whichever version */
export const launchError = (errorClass: string): Omit<LaunchErrorEntry, 'message'> =>
  Object.hasOwn(LAUNCH_ERRORS, errorClass)
    ? LAUNCH_ERRORS[errorClass as LaunchErrorClass]
    : { ...UNKNOWN, label: errorClass }

/** @param name of a class or a group */
export const reasonLabel = (name: string): string =>
  Object.hasOwn(LAUNCH_ERROR_GROUPS, name)
    ? LAUNCH_ERROR_GROUPS[name as LaunchErrorGroup]
    : launchError(name).label

/** Whether the same launch may go through as things are. */
export const retryMayHelp = (errorClass: string): boolean => launchError(errorClass).retry !== 'after_cure'
