import { Form, Link, useNavigation } from '@remix-run/react'
import { type ReactNode, useEffect, useRef } from 'react'
import { Button, buttonClasses } from './ui/button'

interface ConfirmProps {
  /** Where it is posted to; an address without the question ends it. */
  action: string
  /** The page without the question, where it is more than its path. */
  back?: string
  fields?: Record<string, string>
  /** What the button says. */
  does: string
  keeps: string
  tone?: 'danger' | 'primary'
  /** What ends, and what doesn't. */
  children: ReactNode
}

/** Asks in place before something is done. The way out has the focus, so that Enter twice does nothing. */
export function Confirm({
  action,
  back = '.',
  fields = {},
  does,
  keeps,
  tone = 'danger',
  children,
}: ConfirmProps) {
  const keep = useRef<HTMLAnchorElement>(null)
  useEffect(() => keep.current?.focus(), [])
  const isBusy = useNavigation().formAction === action
  return (
    <Form
      method="post"
      action={action}
      replace
      preventScrollReset
      className="flex flex-wrap items-center gap-x-4 gap-y-2"
    >
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <div className="min-w-0 flex-1 basis-64 wrap-break-word">{children}</div>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant={tone} disabled={isBusy}>
          {does}
        </Button>
        <Link ref={keep} to={back} replace preventScrollReset className={buttonClasses()}>
          {keeps}
        </Link>
      </div>
    </Form>
  )
}
