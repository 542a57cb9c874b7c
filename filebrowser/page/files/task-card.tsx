import { X } from 'lucide-react'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { IconButton } from '~/app/components/ui/button'
import { ProgressBar } from '~/app/components/ui/progress'
import { formatBytes } from '~/format-bytes'
import type { TaskView } from '../../contract'
import { folderHref } from '../use-location'
import { describeTask, partlyDone, placeName, sentenceOf } from './task-sentences'
import { tasks } from './tasks'

interface TaskCardProps {
  /** Told once of each that has ended, with a sentence. */
  onEnded: (sentence: string) => void
}

/** What is being moved or copied, and what of it went wrong. */
export function TaskCard({ onEnded }: TaskCardProps) {
  const all = useSyncExternalStore(tasks.subscribe, tasks.read)
  const running = useRef(new Set<string>())
  const ended = useRef(onEnded)
  ended.current = onEnded
  useEffect(() => {
    for (const task of all) {
      if (task.state === 'running') running.current.add(task.id)
      else if (running.current.delete(task.id)) ended.current(sentenceOf(task))
    }
  }, [all])

  const listed = all.filter(({ state }) => state === 'running' || state === 'failed')
  if (listed.length === 0) return null
  return (
    <section
      aria-label="Moving and copying"
      className="pointer-events-auto max-h-[30dvh] overflow-auto rounded-md border bg-surface shadow-lg"
    >
      <ul className="divide-y">
        {listed.map((task) => (
          <TaskRow key={task.id} task={task} />
        ))}
      </ul>
    </section>
  )
}

function TaskRow({ task }: { task: TaskView }) {
  const { id, kind, folder, state, copied, size, error } = task
  const what = describeTask(task)
  return (
    <li className="space-y-1.5 px-3.5 py-2">
      <div className="flex items-center gap-2">
        <p className="min-w-0 flex-1">
          <span className="block truncate">
            {kind === 'move' ? 'Moving' : 'Copying'} {what} to{' '}
            <a href={folderHref(folder)} className="text-accent hover:underline">
              {placeName(folder)}
            </a>
          </span>
          {state === 'running' && (
            <span className="block text-xs text-muted tabular-nums">
              {formatBytes(copied)} of {formatBytes(size)}
            </span>
          )}
        </p>
        <IconButton
          size="sm"
          label={state === 'running' ? `Cancel: ${what}` : `Hide this message about ${what}`}
          onClick={() => (state === 'running' ? tasks.cancel(id) : tasks.dismiss(id))}
        >
          <X aria-hidden />
        </IconButton>
      </div>
      {state === 'running' && <ProgressBar label={what} value={size ? copied / size : undefined} />}
      {state === 'failed' && task.finished > 0 && <p className="text-xs text-muted">{partlyDone(task)}</p>}
      {error && (
        <p role="alert" className="text-xs text-danger wrap-anywhere">
          {error.message}
        </p>
      )}
    </li>
  )
}
