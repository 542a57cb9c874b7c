import type { Api } from '../trpc/router'
import { ExtendForm } from './machine-actions'
import { Alert } from './ui/alert'
import { RelativeTime } from './ui/relative-time'

type Machine = Awaited<ReturnType<Api['machines']['get']>>

/** What a machine waits for, and that it is about to be stopped. */
export function MachineNotices({ machine: { warning, queue } }: { machine: Machine }) {
  return (
    <>
      {queue && <Alert title={queue.message}>It starts by itself when another machine ends.</Alert>}
      {warning?.reason === 'session' && (
        <Alert
          tone="warning"
          title={
            <>
              The session ends <RelativeTime at={warning.at} isDue />
            </>
          }
          actions={<ExtendForm />}
        >
          The machine is stopped then; its files stay.
        </Alert>
      )}
      {warning?.reason === 'idle' && (
        <Alert
          tone="warning"
          title={
            <>
              Nobody uses this machine: it is stopped <RelativeTime at={warning.at} isDue />
            </>
          }
        >
          Whatever is done in it keeps it running; its files stay in any case.
        </Alert>
      )}
    </>
  )
}
