import { Form } from '@remix-run/react'
import type { Api } from '../../trpc/router'
import { Button } from '../ui/button'

type Loaded = Awaited<ReturnType<Api['account']['firstSteps']>>

/** Brings back what somebody hid. */
export function ShowFirstSteps({ firstSteps: { isHidden, isDone } }: { firstSteps: Loaded }) {
  if (!isHidden || isDone) return null
  return (
    <Form method="post" action="/first-steps">
      <Button type="submit" name="show" value="yes" size="sm">
        Show first steps
      </Button>
    </Form>
  )
}
