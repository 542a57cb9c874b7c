import type { Cli } from './cli'
import { follow } from './http/follow'
import type { Machine } from './http/shapes'

/** A machine as it is, and again whenever something about it changes. @param signal ends it quietly */
export const watchMachine = (cli: Cli, id: string, signal?: AbortSignal): AsyncGenerator<Machine> =>
  follow<Machine>(cli, {
    ...(signal && { signal }),
    check: (api) => api.machines.get.query({ id }),
    subscribe: (api, lastEventId, handlers) => api.machines.watch.subscribe({ id, lastEventId }, handlers),
  })
