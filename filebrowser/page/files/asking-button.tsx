import { type ComponentProps, type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react'
import { Button } from '~/app/components/ui/button'

interface AskingButtonProps extends Pick<ComponentProps<typeof Button>, 'variant' | 'size'> {
  /** What it would be done to, for who doesn’t see beside what it stands. */
  about?: string
  question: string
  onConfirm: () => void
  children: string
}

/**
 * A button that asks in its place before it does what can’t be undone. The way out gets the focus, so that Enter twice
 * does nothing; Escape is the way out too.
 */
export function AskingButton({ variant, size, about, question, onConfirm, children }: AskingButtonProps) {
  const [isAsked, setAsked] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const keep = useRef<HTMLButtonElement>(null)
  const wasAsked = useRef(false)
  useLayoutEffect(() => {
    if (isAsked) keep.current?.focus()
    else if (wasAsked.current) button.current?.focus()
    wasAsked.current = isAsked
  }, [isAsked])
  const spoken = (text: string) => (about === undefined ? undefined : `${text} (${about})`)
  if (!isAsked)
    return (
      <Button
        ref={button}
        variant={variant}
        size={size}
        aria-label={spoken(children)}
        onClick={({ detail }) => detail < 2 && setAsked(true)}
      >
        {children}
      </Button>
    )
  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== 'Escape') return
    // Or the dialog that it stands in would close.
    event.preventDefault()
    setAsked(false)
  }
  return (
    <fieldset
      aria-label={spoken(question) ?? question}
      onKeyDown={onKeyDown}
      className="flex flex-wrap gap-2"
    >
      <Button
        variant="danger"
        size={size}
        aria-label={spoken(question)}
        // Not by the second click of a double one.
        onClick={({ detail }) => {
          if (detail > 1) return
          setAsked(false)
          onConfirm()
        }}
      >
        {question}
      </Button>
      <Button ref={keep} size={size} onClick={() => setAsked(false)}>
        Keep
      </Button>
    </fieldset>
  )
}
