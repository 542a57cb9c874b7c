import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { useActionData, useLoaderData, useSearchParams } from '@remix-run/react'
import { PageTitle } from '../components/page-title'
import { ProviderTokenRow } from '../components/provider-token-row'
import { Section } from '../components/ui/card'
import { formText, orRefuse, submitted } from '../guard'
import type { Api } from '../trpc/router'

export const loader = async ({ context }: LoaderFunctionArgs) => ({
  tokens: await orRefuse(context.api.providerTokens.list()),
})

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData()
  // The procedure's schema is what decides whether this is one.
  const provider = formText(form, 'provider') as Parameters<Api['providerTokens']['clear']>[0]['provider']
  const { providerTokens } = context.api
  const { fault } = await submitted(
    formText(form, 'intent') === 'clear'
      ? providerTokens.clear({ provider })
      : providerTokens.save({ provider, token: formText(form, 'token') }),
  )
  if (!fault) return redirect('/profile')
  // What no schema has seen is not repeated: it may be a token in the wrong place.
  return { fault, provider: fault.field === 'token' ? provider : null }
}

export const meta = () => [{ title: 'Profile · Slipway' }]

export default function Profile() {
  const { tokens } = useLoaderData<typeof loader>()
  const refused = useActionData<typeof action>()
  const [params] = useSearchParams()
  return (
    <>
      <PageTitle title="Profile" />
      <Section
        title="Third-Party Tokens"
        description="Machines get them as environment variables when they are launched. They are encrypted here and never shown again."
        padded={false}
      >
        <ul className="divide-y">
          {tokens.map((token) => (
            <ProviderTokenRow
              key={token.provider}
              token={token}
              mode={
                params.get('clear') === token.provider
                  ? 'clear'
                  : params.get('edit') === token.provider
                    ? 'edit'
                    : undefined
              }
              fault={refused?.provider === token.provider ? refused.fault : undefined}
            />
          ))}
        </ul>
      </Section>
    </>
  )
}
