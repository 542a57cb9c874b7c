import { ArrowDownToLine } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { Section } from '~/app/components/ui/card'
import { EmptyState } from '~/app/components/ui/empty-state'
import { Input } from '~/app/components/ui/field'
import { Spinner } from '~/app/components/ui/progress'
import type { DownloadAction } from '../../../contract'
import type { ApiError } from '../../api'
import { act } from '../downloads-api'
import { type Fault, Reason } from '../reason'
import { GROUPS, groupDownloads } from '../states'
import type { LiveDownloads } from '../use-downloads'
import { QueueActions } from './queue-actions'
import { QueueGroup } from './queue-group'
import { useKeptFocus } from './use-kept-focus'

const FILTER_FROM = 12

/** All downloads of this machine, those that run first. */
export function Queue({ live: { downloads, isKnown, isConnected } }: { live: LiveDownloads }) {
  const [filter, setFilter] = useState('')
  const [fault, setFault] = useState<Fault>()
  const keptFocus = useKeptFocus<HTMLDivElement>()
  const matching = useMemo(() => {
    const text = filter.trim().toLowerCase()
    return downloads.filter(({ name, folder }) => `${name} ${folder}`.toLowerCase().includes(text))
  }, [downloads, filter])
  const groups = useMemo(() => groupDownloads(matching), [matching])

  // The live list tells how it went; only what was refused is to be said here.
  const onAct = useCallback((action: DownloadAction, ids: string[]) => {
    act(action, ids).then(
      ({ refused }) => setFault(refused[0]?.error),
      ({ refusal }: ApiError) => setFault(refusal),
    )
  }, [])

  return (
    <Section
      title="Queue"
      padded={false}
      actions={<QueueActions downloads={downloads} onAct={onAct} />}
      className="overflow-clip"
    >
      {!isConnected && (
        <p role="status" className="flex items-center gap-2 border-b bg-warning-soft px-4 py-2">
          <Spinner />
          Connection lost. What is shown may be old; trying again…
        </p>
      )}
      <div role="alert" className="empty:hidden">
        {fault && (
          <div className="border-b p-3">
            <Reason fault={fault} />
          </div>
        )}
      </div>
      {downloads.length >= FILTER_FROM && (
        <div className="border-b px-4 py-2.5">
          <Input
            aria-label="Filter the downloads"
            placeholder="Filter by name or folder"
            type="search"
            className="max-w-80"
            value={filter}
            onChange={({ target }) => setFilter(target.value)}
          />
        </div>
      )}
      <div {...keptFocus} className="outline-none">
        {GROUPS.map((title) => (
          <QueueGroup key={title} title={title} downloads={groups[title]} onAct={onAct} />
        ))}
      </div>
      {downloads.length > 0 && matching.length === 0 && (
        <p className="p-4 text-muted">No download matches “{filter}”.</p>
      )}
      {isKnown && downloads.length === 0 && (
        <EmptyState icon={ArrowDownToLine} title="Nothing is being downloaded">
          Paste a model’s address above. What you add goes on when you close this page.
        </EmptyState>
      )}
      {!isKnown && isConnected && (
        <div className="flex justify-center p-12 text-muted">
          <Spinner label="Loading the downloads" />
        </div>
      )}
    </Section>
  )
}
