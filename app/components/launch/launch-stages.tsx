import clsx from 'clsx'
import { Check, Circle, X } from 'lucide-react'
import { inWords } from '../../../duration'
import type { Api } from '../../trpc/router'
import { Section } from '../ui/card'
import { Spinner } from '../ui/progress'
import { useCounting } from '../use-counting'

export type Launch = NonNullable<Awaited<ReturnType<Api['machines']['get']>>['launch']>
type Stage = Launch['stages'][number]

const COUNT_EVERY_MS = 100

/** A launch as it is watched: its stages, how long each took, and what is going on. */
export function LaunchStages({ launch: { stages, ms, note, isUnderWay, hasRun } }: { launch: Launch }) {
  const elapsed = useCounting(ms, isUnderWay, COUNT_EVERY_MS)
  const current = stages.filter(({ state }) => state === 'current').map(({ label }) => label)
  return (
    <Section
      title={hasRun ? `Launched in ${inWords(ms)}` : isUnderWay ? 'Launching' : 'How far the launch came'}
      actions={!hasRun && <span className="text-muted tabular-nums">{inWords(elapsed)}</span>}
    >
      <ol aria-label="Stages of the launch" className="flex flex-col gap-x-2 md:flex-row">
        {stages.map((stage) => (
          <StageItem key={stage.name} stage={stage} />
        ))}
      </ol>
      {/* The durations would be read out ten times a second. */}
      <p role="status" className="sr-only">
        {current.join(', ')}
      </p>
      {/* Its place stays when there is nothing to say, so that the log beneath doesn't jump; a failed one's is above. */}
      {(note || isUnderWay || hasRun) && <p className="mt-3 min-h-5 text-muted wrap-anywhere">{note}</p>}
    </Section>
  )
}

const LOOKS: Record<Stage['state'], { edge: string; text: string; icon: React.ReactNode }> = {
  done: { edge: 'border-success', text: '', icon: <Check aria-hidden className="size-4 text-success" /> },
  current: { edge: 'border-accent', text: 'font-medium', icon: <Spinner /> },
  failed: {
    edge: 'border-danger',
    text: 'font-medium text-danger',
    icon: <X aria-hidden className="size-4 text-danger" />,
  },
  waiting: {
    edge: 'border-border',
    text: 'text-muted',
    icon: <Circle aria-hidden className="size-4 text-muted" />,
  },
}

/** A line at its left on phones, above it elsewhere. */
function StageItem({ stage: { name, state, label, ms } }: { stage: Stage }) {
  const elapsed = useCounting(ms ?? 0, state === 'current', COUNT_EVERY_MS)
  const { edge, text, icon } = LOOKS[state]
  return (
    <li
      aria-current={state === 'current' ? 'step' : undefined}
      className={clsx(
        'flex min-w-0 flex-1 items-start gap-2 border-l-3 py-1.5 pl-3 md:border-t-3 md:border-l-0 md:pt-2 md:pl-0',
        edge,
      )}
    >
      <span className="mt-0.5 shrink-0">{icon}</span>
      <span className="flex min-w-0 flex-1 flex-wrap justify-between gap-x-2 md:flex-col">
        <span className={clsx('wrap-anywhere', text)}>{label}</span>
        {ms !== null && name !== 'running' && (
          <span className="text-xs/5 text-muted tabular-nums">
            {state === 'done' && <span className="sr-only">took </span>}
            {inWords(elapsed)}
          </span>
        )}
      </span>
    </li>
  )
}
