import { useRevalidator, useSearchParams } from '@remix-run/react'
import { ArrowDownToLine, Download } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button, buttonClasses } from '../ui/button'
import { Section } from '../ui/card'
import { LogNotes } from './log-notes'
import { LogOutput } from './log-output'
import { LogSearch } from './log-search'
import { LogTabs, SERVICE_NAMES } from './log-tabs'
import { type Log, useLog } from './use-log'

interface LogPanelProps {
  /** As it is by now; its log was loaded earlier. */
  machine: { id: string; attempt: number; status: string }
  log: Log
}

/** What the services of a machine print: the newest, live, or what was searched for. */
export function LogPanel({ machine, log }: LogPanelProps) {
  const [params] = useSearchParams()
  const search = params.get('search')?.trim() ?? ''
  const isNewest = !search && !params.has('cursor')
  const [isFollowing, setFollowing] = useState(true)
  const [hasScripts, setHasScripts] = useState(false)
  const output = useRef<HTMLPreElement>(null)
  const text = useLog(machine.id, log, isNewest && isFollowing)
  const { revalidate } = useRevalidator()

  useEffect(() => setHasScripts(true), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever read further up and then goes elsewhere wants to see the end
  useEffect(() => {
    if (isNewest) setFollowing(true)
  }, [isNewest, log.service])
  const isOutdated = machine.attempt > log.attempt && !params.has('attempt') && !params.has('cursor')
  useEffect(() => {
    if (isOutdated) revalidate()
  }, [isOutdated, revalidate])

  const link = (changes: Record<string, string | undefined>) => {
    const kept = { log: log.service, attempt: params.get('attempt') ?? undefined, ...changes }
    const given = Object.entries(kept).filter((entry): entry is [string, string] => entry[1] !== undefined)
    return `?${new URLSearchParams(given)}`
  }
  const file = `/machines/${machine.id}/logs/${log.service}.log?attempt=${log.attempt}`

  return (
    <Section
      title="Logs"
      description="Tokens are hidden before anything is stored."
      padded={false}
      actions={
        <>
          {hasScripts && isNewest && (
            <Button size="sm" aria-pressed={isFollowing} onClick={() => setFollowing(!isFollowing)}>
              <ArrowDownToLine aria-hidden /> {isFollowing ? 'Following' : 'Follow'}
            </Button>
          )}
          <a href={file} download className={buttonClasses({ size: 'sm' })}>
            <Download aria-hidden /> Download
          </a>
        </>
      }
    >
      <div className="flex flex-wrap items-end justify-between gap-x-4 gap-y-2 border-b px-4 pt-2">
        <LogTabs log={log} link={link} />
        <LogSearch key={search} log={log} search={search} />
      </div>
      <LogNotes log={log} search={search} isNewest={!params.has('cursor')} link={link} />
      <LogOutput
        output={output}
        label={`Output of ${SERVICE_NAMES[log.service]}`}
        text={text || nothing(search, log, machine.status)}
        isFollowing={isNewest && isFollowing}
        onScroll={(isAtEnd) => isNewest && setFollowing(isAtEnd)}
      />
    </Section>
  )
}

function nothing(search: string, { older }: Log, status: string): string {
  if (search) return `No line ${older ? 'in this part ' : ''}holds “${search}”.`
  return ['stopped', 'failed'].includes(status) ? 'No output is kept.' : 'Nothing was printed yet.'
}
