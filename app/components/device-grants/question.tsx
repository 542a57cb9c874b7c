import { Form, useNavigation } from '@remix-run/react'
import type { Api } from '../../trpc/router'
import { Alert } from '../ui/alert'
import { Button } from '../ui/button'
import { Card } from '../ui/card'
import { FocusedTitle } from './focused-title'
import { WhatAsks } from './what-asks'

export type Grant = Awaited<ReturnType<Api['deviceGrants']['get']>>

/** What asks to be let in, and the question whether it may. */
export function Question({ grant }: { grant: Grant }) {
  const isBusy = useNavigation().state !== 'idle'
  const decision = (value: 'approved' | 'denied') =>
    ({ type: 'submit', name: 'decision', value, disabled: isBusy }) as const
  return (
    <>
      <FocusedTitle>Let this device in?</FocusedTitle>
      <Card className="flex max-w-2xl flex-col gap-5 p-4 sm:p-6">
        <WhatAsks grant={grant} />
        {grant.mayApprove ? (
          <Alert tone="warning" title="Did you start this yourself, just now?">
            Only go on if you did. If the code came from a website, a message or another person, somebody else
            gets in as you: deny it.
          </Alert>
        ) : (
          <Alert tone="danger" title="Your account can’t authorize this">
            It asks to administer this server, which only administrators may. Deny it, and log in again
            without that.
          </Alert>
        )}
        <Form method="post" replace className="flex flex-wrap gap-2">
          {grant.mayApprove && (
            <Button {...decision('approved')} variant="primary">
              Authorize
            </Button>
          )}
          <Button {...decision('denied')}>Deny</Button>
        </Form>
      </Card>
    </>
  )
}
