import type { LoaderFunctionArgs } from '@remix-run/node'
import { Form, Link, useLoaderData, useSearchParams } from '@remix-run/react'
import { Play } from 'lucide-react'
import { keepsShown } from '../components/keeps-shown'
import { PageTitle } from '../components/page-title'
import { Pager } from '../components/pager'
import { RequestRow } from '../components/requests/request-row'
import { useReloadWhileOpen } from '../components/requests/use-reload-while-open'
import { Button, buttonClasses } from '../components/ui/button'
import { Card } from '../components/ui/card'
import { EmptyState } from '../components/ui/empty-state'
import { Field, Select } from '../components/ui/field'
import { orRefuse } from '../guard'

const SHOWN_MAX = 30

export async function loader({ context: { api }, request: { url } }: LoaderFunctionArgs) {
  const query = new URL(url).searchParams
  const modelId = query.get('model') || undefined
  const before = query.get('before') || undefined
  const found = await orRefuse(api.modelRequests.list({ modelId, before, limit: SHOWN_MAX + 1 }))
  const callable = await orRefuse(api.models.ids())
  const requests = found.slice(0, SHOWN_MAX)
  return {
    requests,
    older: found.length > SHOWN_MAX ? (requests.at(-1)?.id ?? null) : null,
    modelIds: [...new Set([...callable, ...(modelId ? [modelId] : [])])],
  }
}

export const clientLoader = keepsShown()

export const meta = () => [{ title: 'Requests · Slipway' }]

export default function Requests() {
  const { requests, older, modelIds } = useLoaderData<typeof loader>()
  const [params] = useSearchParams()
  const model = params.get('model') ?? ''
  useReloadWhileOpen(requests)
  return (
    <>
      <PageTitle
        title="Requests"
        description="Your calls of models, the newest first. What came out is kept for a while, and so are its inputs."
      />
      <Card>
        {(modelIds.length > 0 || requests.length > 0) && (
          <Form key={model} method="get" className="flex flex-wrap items-start gap-3 border-b p-4">
            <Field label="Model" className="w-full sm:w-80">
              {(control) => (
                <Select {...control} name="model" defaultValue={model}>
                  <option value="">Every model</option>
                  {modelIds.map((id) => (
                    <option key={id}>{id}</option>
                  ))}
                </Select>
              )}
            </Field>
            <Button type="submit" className="sm:mt-6.5">
              Filter
            </Button>
          </Form>
        )}
        {requests.length === 0 ? (
          <EmptyState icon={Play} title={model ? 'None of this model' : 'No requests yet'}>
            <p>
              Choose one of the{' '}
              <Link to="/models" className="text-accent underline">
                models
              </Link>{' '}
              and run it.
            </p>
          </EmptyState>
        ) : (
          <ul className="divide-y">
            {requests.map((request) => (
              <RequestRow key={request.id} request={request} />
            ))}
          </ul>
        )}
        <Pager older={older} newer={null} filters={new URLSearchParams(model ? { model } : {})} />
        {params.has('before') && (
          <p className="border-t p-4">
            <Link
              to={model ? `?${new URLSearchParams({ model })}` : '?'}
              className={buttonClasses({ size: 'sm' })}
            >
              Newest
            </Link>
          </p>
        )}
      </Card>
    </>
  )
}
