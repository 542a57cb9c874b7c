import { Form } from '@remix-run/react'
import { formatBytes } from '../../../format-bytes'
import type { ProviderTokenAnswer } from '../../provider-token-forms'
import { Alert } from '../ui/alert'
import { Field, Input } from '../ui/field'
import { IntentButton } from './intent'
import { OutsideLink } from './outside-link'
import type { Token } from './row'
import { Busy } from './token-form'

type Answer = NonNullable<ProviderTokenAnswer['model']>

const HINTS = {
  huggingface: 'owner/name, or the address of a repository or of a file',
  civitai: 'The address of a model, or its download link',
}

interface QuestionProps {
  token: Token
  answer: Answer | undefined
  fault: string | undefined
}

/** Whether a download will work, before a machine is launched for it. */
export function ModelQuestion({ token, answer, fault }: QuestionProps) {
  return (
    <details open={Boolean(answer || fault)} className="group">
      <summary className="w-fit cursor-pointer rounded-md text-accent hover:underline">
        {token.saved ? 'Can this token open a model?' : 'Does a model need a token?'}
      </summary>
      <div className="flex flex-col gap-3 pt-3">
        <Form
          method="post"
          replace
          preventScrollReset
          className="flex flex-col gap-2 sm:flex-row sm:items-start"
        >
          <input type="hidden" name="provider" value={token.provider} />
          <Field
            label={`Model on ${token.label}`}
            hint={HINTS[token.provider]}
            error={fault}
            className="sm:flex-1"
          >
            {(control) => (
              <Input
                {...control}
                name="model"
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                required
              />
            )}
          </Field>
          <div className="sm:mt-6.5">
            <IntentButton intent="check-model" provider={token.provider} busy={<Busy>Asking…</Busy>}>
              Ask
            </IntentButton>
          </div>
        </Form>
        {answer && <ModelAnswer answer={answer} />}
      </div>
    </details>
  )
}

const UNKNOWN = ['network', 'rate_limited', 'canceled', 'html_instead_of_file']

function ModelAnswer({ answer }: { answer: Answer }) {
  const { about } = answer
  if (answer.state === 'opens')
    return (
      <Alert tone="success" title={`${about} opens`}>
        {[
          answer.name !== about && answer.name,
          answer.sizeBytes !== null && formatBytes(answer.sizeBytes),
          answer.withoutToken ? 'needs no token' : 'needs your token',
        ]
          .filter(Boolean)
          .join(' · ')}
      </Alert>
    )
  if (answer.state === 'not_checked' || UNKNOWN.includes(answer.code))
    return (
      <Alert tone="warning" title={`${about} could not be asked about`.trim()}>
        {answer.message}
      </Alert>
    )
  return (
    <Alert
      tone="danger"
      title={`${about} does not open`}
      actions={answer.link && <OutsideLink {...answer.link} />}
    >
      {answer.message}
    </Alert>
  )
}
