import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { keepsForm } from '../components/models/keeps-form'
import { ModelForm } from '../components/models/model-form'
import { NeedsScripts } from '../components/models/needs-scripts'
import { PageTitle } from '../components/page-title'
import { usernamePath } from '../components/username'
import { orRefuse } from '../guard'
import { type ModelAnswer, modelAction, sentBy, sizesForModels, takenFault } from '../model-forms'

export async function loader({ context: { api } }: LoaderFunctionArgs) {
  const { username } = await orRefuse(api.account.me())
  // Models are called by their owner's username, so the first one begins with choosing it.
  if (username === null) throw redirect(usernamePath('/models/new'))
  return { username, sizes: await sizesForModels(api) }
}

/** Reads a workflow or publishes one. */
export async function action({ context: { api }, request }: ActionFunctionArgs) {
  const sent = await sentBy(request)
  const taken = sent.intent === 'publish' ? await takenFault(api, sent.id) : undefined
  const answer: ModelAnswer = taken ? { fault: taken } : await modelAction(api, sent)
  return answer.published ? redirect(`/models/${answer.published.id}`) : answer
}

export const clientAction = keepsForm

export const meta = () => [{ title: 'Publish a model · Models · Slipway' }]

export default function NewModel() {
  const { username, sizes } = useLoaderData<typeof loader>()
  return (
    <>
      <PageTitle
        title="Publish a model"
        description="From a workflow in ComfyUI’s API format to a form, and an address to call."
      />
      <NeedsScripts />
      <ModelForm owner={username} sizes={sizes} />
    </>
  )
}
