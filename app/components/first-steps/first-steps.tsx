import { Form } from '@remix-run/react'
import type { Api } from '../../trpc/router'
import { Button } from '../ui/button'
import { Section } from '../ui/card'
import { Step } from './step'

type Loaded = Awaited<ReturnType<Api['account']['firstSteps']>>
type Machines = Awaited<ReturnType<Api['machines']['list']>>

/** The way from an account to a model in a machine, until it is gone once or somebody hides it. */
export function FirstSteps({ firstSteps, machines }: { firstSteps: Loaded; machines: Machines }) {
  const { isHidden, isDone, steps, savedToken } = firstSteps
  if (isHidden || isDone) return null
  const running = machines.find(({ status }) => status === 'running')
  // Machines are told of live, before the page is loaded again.
  const seen = steps.map((one) => (one.step === 'launch' && running ? { ...one, isDone: true } : one))
  const current = seen.find((one) => !one.isDone)
  const done = seen.filter((one) => one.isDone).length
  const withFiles = machines.find(
    ({ status, services }) => status === 'running' && services.some(({ name }) => name === 'filebrowser'),
  )
  return (
    <Section
      title="Get started"
      description={`${done} of ${seen.length} done`}
      padded={false}
      actions={
        <Form method="post" action="/first-steps" preventScrollReset>
          <Button type="submit" name="show" value="no" variant="ghost" size="sm">
            Hide
          </Button>
        </Form>
      }
    >
      <ol className="grid divide-y lg:auto-cols-fr lg:grid-flow-col lg:divide-x lg:divide-y-0">
        {seen.map((one, at) => (
          <Step
            key={one.step}
            {...one}
            number={at + 1}
            isCurrent={one === current}
            savedToken={savedToken}
            machineId={withFiles?.id}
          />
        ))}
      </ol>
    </Section>
  )
}
