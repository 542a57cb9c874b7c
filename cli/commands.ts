import type { AddCommand } from './command'

/** Every command, under the headings of the help, by its first word, or words where it has several. */
const COMMANDS: Record<string, Record<string, () => Promise<AddCommand>>> = {
  'Login:': {
    login: async () => (await import('./commands/login')).addLogin,
    logout: async () => (await import('./commands/logout')).addLogout,
    whoami: async () => (await import('./commands/whoami')).addWhoami,
  },
  'Machines:': {
    machines: async () => (await import('./commands/machines')).addMachines,
    saves: async () => (await import('./commands/saves')).addSaves,
    downloads: async () => (await import('./commands/downloads')).addDownloads,
  },
  'Tokens:': {
    'provider-tokens': async () => (await import('./commands/provider-tokens')).addProviderTokens,
  },
  'Models:': {
    run: async () => (await import('./commands/models/run')).addRun,
    'requests status result cancel': async () => (await import('./commands/models/requests')).addRequests,
    models: async () => (await import('./commands/models')).addModels,
  },
  'Server:': { admin: async () => (await import('./commands/admin')).addAdmin },
  'Help:': {
    completion: async () => (await import('./commands/completion')).addCompletion,
    help: async () => (await import('./commands/help')).addHelp,
  },
}

/** They speak of all the others. */
const NEED_ALL = ['completion', 'help']

/** Commands under the headings of the help. */
export type Commands = [heading: string, adders: AddCommand[]][]

/**
 * Reads in the one command that the first argument names, as nothing of the others is needed to run it; else all.
 * @param argv of the whole command line
 */
export function loadCommands([first = '']: readonly string[]): Promise<Commands> {
  const isNamed = (words: string) => words.split(' ').includes(first)
  const isOne = !NEED_ALL.includes(first) && Object.values(COMMANDS).flatMap(Object.keys).some(isNamed)
  return Promise.all(
    Object.entries(COMMANDS).map(async ([heading, byName]): Promise<Commands[number]> => {
      const wanted = Object.entries(byName).filter(([words]) => !isOne || isNamed(words))
      return [heading, await Promise.all(wanted.map(([, load]) => load()))]
    }),
  )
}
