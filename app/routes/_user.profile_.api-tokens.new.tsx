import { randomUUID } from 'node:crypto'
import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node'
import { useActionData, useLoaderData } from '@remix-run/react'
import { CreatedToken } from '../components/api-tokens/created-token'
import { NewTokenForm } from '../components/api-tokens/new-token-form'
import { expiryRange, newTokenInput } from '../components/api-tokens/new-token-input'
import { PageTitle } from '../components/page-title'
import { ProfileNav } from '../components/sub-nav'
import { formFields, orRefuse, submitted } from '../guard'

export const loader = async ({ context }: LoaderFunctionArgs) => ({
  ...(await orRefuse(context.api.apiTokens.options())),
  range: expiryRange(Date.now()),
  // A page's form makes one token, however often it is sent: reloading the answer makes no second one.
  idempotencyKey: randomUUID(),
})

/** The token is in this answer alone: no address, cookie or later page holds it. */
export async function action({ context, request }: ActionFunctionArgs) {
  const given = formFields(await request.formData())
  const { fault, done } = await submitted(context.api.apiTokens.create(newTokenInput(given, Date.now())))
  return { fault, given, created: done }
}

export const meta = () => [{ title: 'New API token · Profile · Slipway' }]

export default function NewApiToken() {
  const options = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>()
  if (answer?.created)
    return (
      <>
        <ProfileNav />
        <PageTitle title="Your new API token" />
        <CreatedToken created={answer.created} />
      </>
    )
  return (
    <>
      <ProfileNav />
      <PageTitle
        title="New API token"
        description="It acts as you, within its scopes. No API token can make others, or reach the administration."
      />
      <NewTokenForm options={options} given={answer?.given ?? {}} fault={answer?.fault} />
    </>
  )
}
