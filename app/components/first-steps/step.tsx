import { Form, Link } from '@remix-run/react'
import clsx from 'clsx'
import { Check } from 'lucide-react'
import type { Api } from '../../trpc/router'
import { Button, buttonClasses } from '../ui/button'

type Loaded = Awaited<ReturnType<Api['account']['firstSteps']>>

interface StepProps {
  step: Loaded['steps'][number]['step']
  isDone: boolean
  number: number
  /** The first that isn't done. */
  isCurrent: boolean
  savedToken: Loaded['savedToken']
  /** One that runs and has a file manager. */
  machineId: string | undefined
}

const TEXTS = {
  'save-token': {
    title: 'Save a token',
    says: 'Of Hugging Face or Civitai, for models that are not for everybody.',
  },
  'check-token': {
    title: 'Check it',
    says: 'Its issuer says whose it is, and whether it will open models.',
  },
  launch: { title: 'Launch a machine', says: 'It gets your tokens, and a workspace of its own.' },
  download: {
    title: 'Download a model',
    says: 'Paste its address under “Add models” in the machine’s models & files.',
  },
}

export function Step({ step, isDone, number, isCurrent, ...rest }: StepProps) {
  const { title, says } = TEXTS[step]
  return (
    <li aria-current={isCurrent ? 'step' : undefined} className="flex min-w-0 gap-3 p-4">
      <span
        aria-hidden
        className={clsx(
          'flex size-6 shrink-0 items-center justify-center rounded-full text-xs font-medium',
          isDone
            ? 'bg-success-soft text-success'
            : isCurrent
              ? 'bg-accent text-on-accent'
              : 'bg-sunken text-muted',
        )}
      >
        {isDone ? <Check className="size-4" /> : number}
      </span>
      <div className="flex min-w-0 flex-col items-start gap-2">
        <div>
          <h3 className={clsx('font-medium', !isCurrent && 'text-muted')}>
            {title}
            {isDone && <span className="sr-only">: done</span>}
          </h3>
          <p className={clsx('text-muted', !isCurrent && 'hidden lg:block')}>{says}</p>
        </div>
        {isCurrent && <Way step={step} {...rest} />}
      </div>
    </li>
  )
}

const LOOK = buttonClasses({ variant: 'primary', size: 'sm' })

/** To the very place where the step is taken. */
function Way({ step, savedToken, machineId }: Pick<StepProps, 'step' | 'savedToken' | 'machineId'>) {
  switch (step) {
    case 'save-token':
      return (
        <Link to="/profile?edit=huggingface" className={LOOK}>
          Save a token
        </Link>
      )
    case 'check-token':
      return (
        <Form method="post" action="/profile">
          <input type="hidden" name="provider" value={savedToken ?? ''} />
          <Button type="submit" name="intent" value="check" variant="primary" size="sm">
            Check now
          </Button>
        </Form>
      )
    case 'launch':
      return (
        <Link to="#launch" className={LOOK}>
          Choose and launch
        </Link>
      )
    case 'download':
      return machineId ? (
        <Form method="post" action={`/machines/${machineId}/open/filebrowser`} target="_blank" reloadDocument>
          <Button type="submit" variant="primary" size="sm">
            Open models & files
          </Button>
        </Form>
      ) : (
        <p className="text-muted">It needs a ComfyUI machine that runs.</p>
      )
  }
}
