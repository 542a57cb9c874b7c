import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Link, useLoaderData, useSearchParams } from '@remix-run/react'
import { keepsForm } from '../components/models/keeps-form'
import { ModelForm } from '../components/models/model-form'
import { ModelSettings } from '../components/models/model-settings'
import { NeedsScripts } from '../components/models/needs-scripts'
import { Outcome } from '../components/outcome'
import { PageTitle } from '../components/page-title'
import { buttonClasses } from '../components/ui/button'
import { useAnswer } from '../components/use-answer'
import { formFields, orRefuse } from '../guard'
import { isJson, modelAction, ownModel, sentBy, settingsAction, sizesForModels } from '../model-forms'

export async function loader({ context: { api }, request }: LoaderFunctionArgs) {
  const params = new URL(request.url).searchParams
  const model = await ownModel(api, params.get('id'))
  const version = Number(params.get('version')) || model.version
  return {
    model,
    version,
    versions: await orRefuse(api.models.versions({ id: model.id })),
    source: await orRefuse(api.models.source({ id: model.id, version })),
    sizes: await sizesForModels(api),
  }
}

/** Publishes the next version, or changes what needs none. */
export async function action({ context: { api }, request }: ActionFunctionArgs) {
  const { id } = await ownModel(api, new URL(request.url).searchParams.get('id'))
  if (isJson(request)) return modelAction(api, await sentBy(request), id)
  const given = formFields(await request.formData())
  const answer = await settingsAction(api, id, given)
  return given.intent === 'withdraw' && !answer.fault ? redirect('/models') : answer
}

export const clientAction = keepsForm

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Edit ${data?.model.title ?? 'a model'} · Models · Slipway` },
]

export default function EditModel() {
  const { model, version, versions, source, sizes } = useLoaderData<typeof loader>()
  const [params] = useSearchParams()
  const answer = useAnswer<typeof action>()
  const [owner = ''] = model.id.split('/')
  return (
    <>
      <PageTitle
        title={model.title}
        description={<code className="font-mono wrap-anywhere">{model.id}</code>}
        actions={
          <Link to={`/models/${model.id}`} className={buttonClasses()}>
            Open its page
          </Link>
        }
      />
      {answer && (answer.fault || answer.told) && (
        <Outcome key={JSON.stringify(answer)} tone={answer.fault ? 'danger' : 'success'}>
          {answer.fault?.message ?? answer.told}
        </Outcome>
      )}
      <ModelSettings model={model} versions={versions} isWithdrawing={params.has('withdraw')} />
      <NeedsScripts />
      <ModelForm
        // What its author types outlives everything but the choice of another version to begin with.
        key={`${model.id} ${params.get('version')}`}
        owner={owner}
        sizes={sizes}
        published={{ ...source, id: model.id, version: model.version, begunWith: version }}
      />
    </>
  )
}
