import { Form, useNavigation } from '@remix-run/react'
import type { ComponentProps, ReactNode } from 'react'
import { Button } from '../ui/button'

interface IntentButtonProps extends Pick<ComponentProps<typeof Button>, 'variant' | 'size'> {
  intent: string
  provider: string
  /** What stands on it while the answer is awaited. */
  busy?: ReactNode
  children: ReactNode
}

/** Submits the form round it; pressed twice it asks once. */
export function IntentButton({ intent, provider, busy, children, ...look }: IntentButtonProps) {
  const { state, formData } = useNavigation()
  const isOfRow = state !== 'idle' && formData?.get('provider') === provider
  const isThis = isOfRow && formData?.get('intent') === intent
  return (
    <Button type="submit" name="intent" value={intent} disabled={isOfRow} {...look}>
      {(isThis && busy) || children}
    </Button>
  )
}

/** A form of nothing but the button. */
export function IntentForm(button: IntentButtonProps) {
  return (
    <Form method="post" replace preventScrollReset>
      <input type="hidden" name="provider" value={button.provider} />
      <IntentButton {...button} />
    </Form>
  )
}
