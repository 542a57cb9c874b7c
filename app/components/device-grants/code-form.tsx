import { Form, useNavigation } from '@remix-run/react'
import type { FormFault } from '../../guard'
import { formFaults } from '../form-faults'
import { Alert } from '../ui/alert'
import { Button } from '../ui/button'
import { Card } from '../ui/card'
import { Field, Input } from '../ui/field'

interface CodeFormProps {
  /** What was refused, to be mended. */
  typed: string | undefined
  fault: FormFault | undefined
}

/** Takes the code; what asks with it is shown before anything is decided. */
export function CodeForm({ typed, fault }: CodeFormProps) {
  const isBusy = useNavigation().state !== 'idle'
  const { errorOf, general } = formFaults(fault, ['userCode'])
  return (
    <Card className="max-w-xl p-4 sm:p-6">
      {/* Its own address: the one that it is shown under may hold something that nobody here typed. */}
      <Form method="post" action="/cli-auth" className="flex flex-col items-start gap-4">
        {general && <Alert tone="danger">{general}</Alert>}
        <Field
          label="Code"
          hint="Four letters and four digits, such as BCDF-2345. Next you see what asks, and decide."
          error={errorOf('userCode')}
          className="w-full max-w-xs"
        >
          {(control) => (
            <Input
              {...control}
              name="code"
              required
              defaultValue={typed}
              autoComplete="off"
              autoCapitalize="characters"
              autoCorrect="off"
              spellCheck={false}
              className="h-12 font-mono text-xl uppercase tracking-widest sm:text-xl"
            />
          )}
        </Field>
        <Button type="submit" variant="primary" disabled={isBusy}>
          Continue
        </Button>
      </Form>
    </Card>
  )
}
