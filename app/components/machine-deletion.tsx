import type { Api } from '../trpc/router'
import { Confirm } from './confirm'
import { Card } from './ui/card'

type Machine = Awaited<ReturnType<Api['machines']['get']>>

/** Asks before a machine and its files are gone. */
export function DeleteQuestion({ machine: { id, name, status } }: { machine: Machine }) {
  const isLive = status !== 'stopped' && status !== 'failed'
  return (
    <Card className="p-4">
      <Confirm
        action={`/machines/${id}`}
        fields={{ intent: 'delete' }}
        does="Delete for good"
        keeps="Keep it"
      >
        Delete {name} with all files of its workspace?
        {isLive && ' It is stopped first.'} Models that your machines share and cloud saves stay.
      </Confirm>
    </Card>
  )
}
