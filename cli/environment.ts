/** What the command takes from its surroundings, read once where the process begins. */
export interface Environment {
  /** `RUNCOMFY_TOKEN`, trimmed; undefined when empty. */
  token: string | undefined
  /** `RUNCOMFY_WEB_BASE`. */
  webBase: string | undefined
  /** `RUNCOMFY_CONFIG_DIR`, `XDG_CONFIG_HOME` and the home folder: see cli/credentials/places. */
  configDir: string | undefined
  xdgConfigHome: string | undefined
  home: string
  platform: NodeJS.Platform
  /** What this computer calls itself. */
  hostname: string
  /** `BROWSER`: a command, or several with colons between them. */
  browser: string | undefined
  noColor: boolean
  isDumb: boolean
  /** Whether somebody sits at another machine than this, so that no browser can be opened for them. */
  isRemote: boolean
  /** Whether there is a screen that a browser could open on. */
  hasDisplay: boolean
}

/** What of it the variables don't say. */
type Computer = Pick<Environment, 'home' | 'platform' | 'hostname'>

export function readEnvironment(env: NodeJS.ProcessEnv, computer: Computer): Environment {
  const text = (name: string) => env[name]?.trim() || undefined
  const hasScreens = computer.platform === 'darwin' || computer.platform === 'win32'
  return {
    ...computer,
    token: text('RUNCOMFY_TOKEN'),
    webBase: text('RUNCOMFY_WEB_BASE'),
    configDir: text('RUNCOMFY_CONFIG_DIR'),
    xdgConfigHome: text('XDG_CONFIG_HOME'),
    browser: text('BROWSER'),
    noColor: Boolean(env.NO_COLOR),
    isDumb: env.TERM === 'dumb',
    isRemote: Boolean(text('SSH_CONNECTION') ?? text('SSH_TTY')),
    hasDisplay: hasScreens || Boolean(text('DISPLAY') ?? text('WAYLAND_DISPLAY')),
  }
}
