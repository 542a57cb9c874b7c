import { randomUUID } from 'node:crypto'
import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Link, useLoaderData } from '@remix-run/react'
import { Pencil } from 'lucide-react'
import { INLINE_FILE_MAX, INLINE_FILES_MAX } from '../../workflows/input-values'
import { BackLink } from '../components/back-link'
import { keepsShown } from '../components/keeps-shown'
import { CallForm } from '../components/model-page/call-form'
import { CodeLines } from '../components/model-page/code-lines'
import { LastRequest } from '../components/model-page/last-request'
import { ModelFacts } from '../components/model-page/model-facts'
import { readInputs } from '../components/model-page/read-inputs'
import { PageTitle } from '../components/page-title'
import { Alert } from '../components/ui/alert'
import { buttonClasses } from '../components/ui/button'
import { Section } from '../components/ui/card'
import { useAnswer } from '../components/use-answer'
import { formText, orRefuse, submitted } from '../guard'
import type { Api } from '../trpc/router'

export async function loader({ context: { api }, params, request: { url } }: LoaderFunctionArgs) {
  const requestId = new URL(url).searchParams.get('request')
  const [model, options] = [
    await orRefuse(api.models.get({ id: params['*'] ?? '' })),
    await orRefuse(api.machines.options()),
  ]
  const asked = requestId ? await orRefuse(api.modelRequests.get({ id: requestId })) : undefined
  const request = asked?.modelId === model.id ? asked : undefined
  return {
    model,
    mayCall: options.mayLaunch,
    refusal: options.refusal,
    request,
    inputs: request ? await orRefuse(api.modelRequests.inputs({ id: request.id })) : null,
    fileBytesMax: INLINE_FILE_MAX,
    filesBytesMax: INLINE_FILES_MAX,
    // A page's form makes one request, however often it is sent.
    idempotencyKey: randomUUID(),
  }
}

export const clientLoader = keepsShown()

/** Calls the model with what is in its form, or as the request that is named. */
export async function action({ context: { api }, params, request }: ActionFunctionArgs) {
  const modelId = params['*'] ?? ''
  const form = await request.formData()
  const again = formText(form, 'again')
  const inputs = again
    ? await inputsOf(api, modelId, again)
    : readInputs((await orRefuse(api.models.get({ id: modelId }))).inputs, form)
  if (!inputs) return { fault: { message: 'The inputs of that request are no longer kept.', field: null } }
  const idempotencyKey = formText(form, 'idempotencyKey') || undefined
  const { fault, done } = await submitted(api.modelRequests.create({ modelId, inputs, idempotencyKey }))
  return fault ? { fault } : redirect(`/models/${modelId}?request=${done.id}`)
}

/** What a request to this very model was called with; null when that is no longer kept. */
async function inputsOf(api: Api, modelId: string, id: string) {
  const request = await orRefuse(api.modelRequests.get({ id }))
  if (request.modelId === modelId) return orRefuse(api.modelRequests.inputs({ id }))
  throw new Response('There is no such request to this model.', { status: 404 })
}

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.model.title ?? 'Model'} · Models · Slipway` },
]

export default function ModelPage() {
  const { model, mayCall, refusal, request, inputs, ...form } = useLoaderData<typeof loader>()
  const fault = useAnswer<typeof action>()?.fault
  const given = inputs ?? {}
  const seeds = model.inputs
    .filter(({ type, name }) => type === 'seed' && Object.hasOwn(given, name))
    .map(({ title, name }) => ({ title, value: String(given[name]) }))
  return (
    <>
      <BackLink to="/models">Models</BackLink>
      <div className="flex flex-col gap-1">
        <PageTitle
          title={model.title}
          actions={
            model.isOwn && (
              <Link to={`/models/edit?id=${model.id}`} className={buttonClasses()}>
                <Pencil aria-hidden /> Edit
              </Link>
            )
          }
        />
        <ModelFacts model={model} />
      </div>
      {model.description && (
        <p className="max-w-prose whitespace-pre-wrap wrap-anywhere">{model.description}</p>
      )}
      <div className="grid items-start gap-6 md:grid-cols-2">
        <Section title="Try it" className="min-w-0">
          {mayCall ? (
            // What was typed belongs to the inputs of one version.
            <CallForm key={`${model.id} ${model.version}`} {...{ model, given, fault }} {...form} />
          ) : (
            <Alert>It would run on a machine of yours. {refusal}</Alert>
          )}
        </Section>
        <LastRequest
          loaded={request}
          outputs={model.outputs}
          seeds={seeds}
          idempotencyKey={mayCall && inputs ? form.idempotencyKey : undefined}
        />
      </div>
      <Section title="Call it from a program">
        <CodeLines model={model} />
      </Section>
    </>
  )
}
