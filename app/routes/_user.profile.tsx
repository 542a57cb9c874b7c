import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node'
import { useLoaderData, useSearchParams } from '@remix-run/react'
import { AccountSection } from '../components/account-section'
import { Allowance } from '../components/allowance'
import { ApiTokens } from '../components/api-tokens/api-tokens'
import { CommandLine } from '../components/device-grants/command-line'
import { DiskUsage } from '../components/disk-usage'
import { keepsShown } from '../components/keeps-shown'
import { PageTitle } from '../components/page-title'
import { ProviderTokenSection } from '../components/provider-tokens/section'
import { ProfileNav } from '../components/sub-nav'
import { Section } from '../components/ui/card'
import { useAnswer } from '../components/use-answer'
import { orRefuse } from '../guard'
import { loadProviderTokens, providerTokenAction } from '../provider-token-forms'

export async function loader({ context: { api } }: LoaderFunctionArgs) {
  const options = await orRefuse(api.machines.options())
  return {
    options,
    me: await orRefuse(api.account.me()),
    firstSteps: await orRefuse(api.account.firstSteps()),
    apiTokens: await orRefuse(api.apiTokens.list()),
    command: await orRefuse(api.deviceGrants.command()),
    providerTokens: await loadProviderTokens(api, options),
  }
}

export const clientLoader = keepsShown()

export const action = async ({ context, request }: ActionFunctionArgs) =>
  providerTokenAction(context.api, await request.formData(), '/profile')

export const meta = () => [{ title: 'Profile · Slipway' }]

export default function Profile() {
  const { me, firstSteps, options, apiTokens, command, providerTokens } = useLoaderData<typeof loader>()
  const [params] = useSearchParams()
  return (
    <>
      <ProfileNav />
      <PageTitle title="Profile" />
      <ApiTokens tokens={apiTokens} revoking={params.get('revoke')} revoked={params.get('revoked')} />
      <ProviderTokenSection {...providerTokens} answer={useAnswer<typeof action>()} />
      <CommandLine {...command} />
      <AccountSection me={me} firstSteps={firstSteps} />
      <Section title="Limits" description="What an administrator allows you." padded={false}>
        <div className="p-4">
          <Allowance limits={options.limits} />
        </div>
        {options.disk && <DiskUsage disk={options.disk} />}
      </Section>
    </>
  )
}
