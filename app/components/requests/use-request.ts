import { useLive } from '../use-live'
import type { Request } from './stages'

const NOTHING = { unsubscribe() {} }

/** The request that the page was loaded with, kept up to date until it has ended. */
export const useRequest = <T extends Request | undefined>(loaded: T): T =>
  useLive<Request | undefined>(loaded, loaded?.id ?? '', (client, handlers) =>
    loaded
      ? client.modelRequests.watch.subscribe(
          { id: loaded.id },
          { ...handlers, onData: ({ data }) => handlers.onData(data) },
        )
      : NOTHING,
  ) as T
