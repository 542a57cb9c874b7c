import { useSyncExternalStore } from 'react'
import { Button } from '~/app/components/ui/button'
import { ProgressBar } from '~/app/components/ui/progress'
import { uploadProgress } from './upload-progress'
import { UploadRow } from './upload-row'
import { uploads } from './uploads'

/** More than these are counted, not listed. */
const LISTED_MAX = 50

/** Those that wait for a person first, then what moves, then what has arrived. */
const RANKS = { exists: 0, failed: 1, sending: 2, lost: 2, paused: 3, waiting: 4, done: 5 }

/** What is uploaded, over the list, wherever that is scrolled to. */
export function UploadCard() {
  const items = useSyncExternalStore(uploads.subscribe, uploads.read)
  if (items.length === 0) return null
  const open = items.filter(({ state }) => state !== 'done')
  const taken = items.filter(({ state }) => state === 'exists')
  const listed = [...items].sort((a, b) => RANKS[a.state] - RANKS[b.state]).slice(0, LISTED_MAX)
  const settleAll = (answer: 'replace' | 'keep-both' | 'skip') => {
    for (const { id } of taken) uploads.settle(id, answer)
  }
  const { isStuck, share } = uploadProgress(items)
  const count = (files: number) => (files === 1 ? '1 file' : `${files} files`)
  const title =
    open.length === 0
      ? `${count(items.length)} uploaded`
      : isStuck
        ? `${count(open.length)} not uploaded`
        : `Uploading ${count(open.length)}`
  return (
    <section
      aria-label="Uploads"
      className="pointer-events-auto flex max-h-[50dvh] flex-col rounded-md border bg-surface shadow-lg"
    >
      <header className="space-y-2 border-b py-2 pr-2 pl-3.5">
        <div className="flex min-h-8 items-center gap-2">
          <h2 className="min-w-0 flex-1 font-semibold">{title}</h2>
          {open.length === 0 ? (
            <Button size="sm" variant="ghost" onClick={() => uploads.clearDone()}>
              Close
            </Button>
          ) : (
            open.length > 1 && (
              <Button
                size="sm"
                variant="ghost"
                onClick={() => {
                  for (const { id } of open) uploads.remove(id)
                }}
              >
                Cancel all
              </Button>
            )
          )}
        </div>
        {open.length > 1 && <ProgressBar label="All uploads" value={share} />}
        {taken.length > 1 && (
          <fieldset aria-label="For all that are already there" className="flex flex-wrap gap-1.5">
            <p className="w-full text-xs text-muted">{taken.length} files are already there:</p>
            <Button size="sm" onClick={() => settleAll('replace')}>
              Replace all
            </Button>
            <Button size="sm" onClick={() => settleAll('keep-both')}>
              Keep all
            </Button>
            <Button size="sm" onClick={() => settleAll('skip')}>
              Skip all
            </Button>
          </fieldset>
        )}
      </header>
      <ul aria-label="Files on their way" className="min-h-0 divide-y overflow-auto">
        {listed.map((item) => (
          <UploadRow key={item.id} item={item} />
        ))}
        {items.length > LISTED_MAX && (
          <li className="px-3.5 py-2 text-muted">and {items.length - LISTED_MAX} more</li>
        )}
      </ul>
    </section>
  )
}
