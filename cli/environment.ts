/** What the command takes from its environment, read once where the process begins. */
export interface Environment {
  /** `RUNCOMFY_TOKEN`, trimmed; undefined when empty. */
  token: string | undefined
  /** `RUNCOMFY_WEB_BASE`. */
  webBase: string | undefined
  /** `RUNCOMFY_CONFIG_DIR`, `XDG_CONFIG_HOME` and the home folder: see cli/credentials. */
  configDir: string | undefined
  xdgConfigHome: string | undefined
  home: string
  noColor: boolean
  isDumb: boolean
  /** Whether somebody sits at another machine than this, so that no browser can be opened for them. */
  isRemote: boolean
}

export function readEnvironment(env: NodeJS.ProcessEnv, home: string): Environment {
  const text = (name: string) => env[name]?.trim() || undefined
  return {
    token: text('RUNCOMFY_TOKEN'),
    webBase: text('RUNCOMFY_WEB_BASE'),
    configDir: text('RUNCOMFY_CONFIG_DIR'),
    xdgConfigHome: text('XDG_CONFIG_HOME'),
    home,
    noColor: Boolean(env.NO_COLOR),
    isDumb: env.TERM === 'dumb',
    isRemote: Boolean(text('SSH_CONNECTION') ?? text('SSH_TTY')),
  }
}
