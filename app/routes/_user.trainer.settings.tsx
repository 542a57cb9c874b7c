import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node'
import { Link, useLoaderData } from '@remix-run/react'
import { keepsShown } from '../components/keeps-shown'
import { PageTitle } from '../components/page-title'
import { ProviderTokenSection } from '../components/provider-tokens/section'
import { Alert } from '../components/ui/alert'
import { useAnswer } from '../components/use-answer'
import { orRefuse } from '../guard'
import { loadProviderTokens, providerTokenAction } from '../provider-token-forms'

const PAGE = '/trainer/settings'

export async function loader({ context: { api } }: LoaderFunctionArgs) {
  const options = await orRefuse(api.machines.options())
  return { options, providerTokens: await loadProviderTokens(api, options, 'trainer') }
}

export const clientLoader = keepsShown()

export const action = async ({ context, request }: ActionFunctionArgs) =>
  providerTokenAction(context.api, await request.formData(), PAGE)

export const meta = () => [{ title: 'Trainer · Slipway' }]

export default function TrainerSettings() {
  const { options, providerTokens } = useLoaderData<typeof loader>()
  return (
    <>
      <PageTitle
        title="Trainer"
        description={
          <>
            The token that every trainer is launched with. It is the one of your{' '}
            <Link to="/profile" className="text-accent underline">
              profile
            </Link>
            : a change here is a change there.
          </>
        }
      />
      {!options.hasTrainer && (
        <Alert>
          No trainer can be launched yet: this server doesn’t say how to start one. Its operator sets{' '}
          <code className="font-mono">TRAINER_COMMAND</code>, for example{' '}
          <code className="font-mono wrap-anywhere">
            python /opt/kohya_ss/kohya_gui.py --headless --listen $HOST --server_port $PORT
          </code>
        </Alert>
      )}
      <ProviderTokenSection {...providerTokens} answer={useAnswer<typeof action>()} />
    </>
  )
}
