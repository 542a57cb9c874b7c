import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node'
import { useActionData, useLoaderData } from '@remix-run/react'
import { PageTitle } from '../components/page-title'
import { ProviderTokenSection } from '../components/provider-tokens/section'
import { loadProviderTokens, providerTokenAction } from '../provider-token-forms'

export const loader = ({ context }: LoaderFunctionArgs) => loadProviderTokens(context.api)

export const action = async ({ context, request }: ActionFunctionArgs) =>
  providerTokenAction(context.api, await request.formData(), '/profile')

export const meta = () => [{ title: 'Profile · Slipway' }]

export default function Profile() {
  return (
    <>
      <PageTitle title="Profile" />
      <ProviderTokenSection {...useLoaderData<typeof loader>()} answer={useActionData<typeof action>()} />
    </>
  )
}
