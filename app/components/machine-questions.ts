/** What is asked before something that runs is ended, wherever that is asked. */
export const MACHINE_QUESTIONS = {
  stop: {
    asks: (name: string) => `Stop “${name}”?`,
    says: 'What it is working on ends. Its files stay, and it can be launched again.',
    does: 'Stop it',
  },
  relaunch: {
    asks: (name: string) => `Relaunch “${name}”?`,
    says: 'It stops, and another takes over its files with the tokens as they are saved now. What it is working on ends.',
    does: 'Relaunch it',
  },
}

export const KEEPS_RUNNING = 'Keep it running'
