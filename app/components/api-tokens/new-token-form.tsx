import { Form, Link, useNavigation } from '@remix-run/react'
import type { FormFault } from '../../guard'
import { formFaults } from '../form-faults'
import { Alert } from '../ui/alert'
import { Button, buttonClasses } from '../ui/button'
import { Card } from '../ui/card'
import { Field, Input } from '../ui/field'
import { ExpiryChoice } from './expiry-choice'
import type { GivenToken } from './new-token-input'
import { ScopeChoice } from './scope-choice'

const FIELDS = ['name', 'scopes', 'expiresInDays']

interface NewTokenFormProps {
  options: Pick<Parameters<typeof ScopeChoice>[0], 'areas'> & {
    range: { min: string; max: string }
    idempotencyKey: string
  }
  given: GivenToken
  fault: FormFault | undefined
}

export function NewTokenForm({ options, given, fault }: NewTokenFormProps) {
  const isBusy = useNavigation().state !== 'idle'
  const { errorOf, general } = formFaults(fault, FIELDS)
  return (
    <Card className="p-4 sm:p-6">
      <Form method="post" replace className="flex flex-col gap-6">
        <input type="hidden" name="idempotencyKey" value={options.idempotencyKey} />
        {general && <Alert tone="danger">{general}</Alert>}
        <Field
          label="Name"
          hint="What it is for, such as the script or the computer that will hold it."
          error={errorOf('name')}
          className="max-w-md"
        >
          {(control) => (
            <Input
              {...control}
              name="name"
              required
              maxLength={60}
              autoComplete="off"
              defaultValue={given.name}
            />
          )}
        </Field>
        <ScopeChoice areas={options.areas} given={given} error={errorOf('scopes')} />
        <ExpiryChoice range={options.range} given={given} error={errorOf('expiresInDays')} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" disabled={isBusy}>
            Create token
          </Button>
          <Link to="/profile" className={buttonClasses()}>
            Cancel
          </Link>
        </div>
      </Form>
    </Card>
  )
}
