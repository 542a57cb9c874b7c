import { Form, useFetcher } from '@remix-run/react'
import { RotateCw, X } from 'lucide-react'
import type { FormFault } from '../../guard'
import { Alert } from '../ui/alert'
import { Button } from '../ui/button'
import { isOpen, type Request } from './stages'

interface RequestActionsProps {
  request: Request
  /** Undefined where its inputs are no longer kept. */
  idempotencyKey: string | undefined
}

/** Takes back a request that has not ended, or makes the same call once more. */
export function RequestActions({ request, idempotencyKey }: RequestActionsProps) {
  const fetcher = useFetcher<{ fault?: FormFault }>()
  const { id, modelId } = request
  return (
    <>
      {fetcher.data?.fault && <Alert tone="danger">{fetcher.data.fault.message}</Alert>}
      {isOpen(request) ? (
        <fetcher.Form method="post" action={`/requests/${id}`}>
          <Button type="submit" disabled={fetcher.state !== 'idle'}>
            <X aria-hidden /> Cancel
          </Button>
        </fetcher.Form>
      ) : (
        idempotencyKey && (
          <Form method="post" action={`/models/${modelId}`} preventScrollReset>
            <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
            <Button type="submit" name="again" value={id}>
              <RotateCw aria-hidden /> Run again
            </Button>
          </Form>
        )
      )}
    </>
  )
}
