import { useFetcher } from '@remix-run/react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { ModelDefinition } from '../../../workflows/definition'
import type { ModelAnswer } from '../../model-forms'
import { Outcome } from '../outcome'
import { Alert } from '../ui/alert'
import { Button } from '../ui/button'
import { Section } from '../ui/card'
import { AboutFields, type Sizes } from './about-fields'
import { type Draft, draftOf, fitDraft, newDraft } from './draft'
import type { Change } from './draft-changes'
import { draftFaults } from './draft-faults'
import { FormPreview } from './form-preview'
import { MarkedInputs } from './marked-inputs'
import { OutputFields } from './output-fields'
import { publicationOf } from './publication'
import { SourceFields } from './source-fields'
import { type ReadWorkflow, useReading } from './use-reading'
import { ValuePicker } from './value-picker'
import { WorkflowPicker } from './workflow-picker'

interface ModelFormProps {
  /** Whose username it is published under. */
  owner: string
  sizes: Sizes
  /** What is published already; without it the form begins with choosing a workflow. */
  published?: ReadWorkflow & {
    id: string
    /** The one that is called, */
    version: number
    /** and the one that the rest is of. */
    begunWith: number
    definition: ModelDefinition
  }
}

/** From a workflow to a model, or to the next version of one. */
export function ModelForm({ owner, sizes, published }: ModelFormProps) {
  const [begunWith] = useState(published?.begunWith)
  const [begun] = useState(() => published && draftOf(published.id, published.definition, published.reading))
  const [read, setRead] = useState<ReadWorkflow | undefined>(published)
  const [draft, setDraft] = useState(begun?.draft)
  const [lost, setLost] = useState(begun?.lost ?? [])
  const reader = useReading((next) => {
    const fitted = published && draft && fitDraft(draft, next.reading)
    setDraft(fitted ? fitted.draft : { ...newDraft(next.reading), ...said(draft) })
    setLost(fitted ? fitted.lost : [])
    setRead(next)
  })
  const change = useCallback((step: Change) => setDraft((before) => before && step(before)), [])
  return (
    <>
      <Section title="Workflow" description={begunWith && `This form began with version ${begunWith}.`}>
        <div className="flex flex-col gap-4">
          <WorkflowPicker label={published ? 'Another workflow (optional)' : 'Workflow file'} {...reader} />
          {read && <p role="status">{summary(read)}</p>}
          {lost.length > 0 && (
            <Alert tone="warning" title="This workflow lacks what was marked:">
              {lost.join(', ')}. Mark what takes its place; callers no longer find these.
            </Alert>
          )}
        </div>
      </Section>
      {read && draft && <DraftForm {...{ owner, sizes, published, read, draft, change }} />}
    </>
  )
}

/** What an author typed that is about no workflow. */
function said(draft: Draft | undefined): Partial<Draft> {
  if (!draft) return {}
  const { inputs: _inputs, outputs: _outputs, sources: _sources, ...others } = draft
  return others
}

function summary({ workflow, reading }: ReadWorkflow): string {
  const count = (many: number, what: string) => `${many} ${what}${many === 1 ? '' : 's'}`
  const nodes = count(Object.keys(workflow).length, 'node')
  return `${nodes}, ${count(reading.inputs.length, 'value')}, ${count(reading.files.length, 'model file')}.`
}

interface DraftFormProps extends ModelFormProps {
  read: ReadWorkflow
  draft: Draft
  change: (step: Change) => void
}

function DraftForm({ owner, sizes, published, read, draft, change }: DraftFormProps) {
  const fetcher = useFetcher<ModelAnswer>()
  const sent = useRef({ draft, version: published?.version })
  const form = useRef<HTMLDivElement>(null)
  const answer = fetcher.data
  const faults = useMemo(() => draftFaults(answer?.fault, sent.current.draft), [answer])
  useEffect(() => {
    if (answer?.fault) form.current?.querySelector<HTMLElement>('[aria-invalid=true], [data-fault]')?.focus()
  }, [answer])

  function publish() {
    sent.current = { draft, version: published?.version }
    const { id, definition } = publicationOf(draft, owner)
    const body = {
      ...{ intent: 'publish', definition, workflow: read.workflow },
      ...(published ? { id: published.id } : { id, visibility: draft.visibility }),
    }
    fetcher.submit(JSON.stringify(body), { method: 'post', encType: 'application/json' })
  }

  return (
    <div ref={form} className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_19rem]">
      <div className="flex min-w-0 flex-col gap-6">
        <Section title="About">
          <AboutFields {...{ draft, change, faults, owner, sizes }} isPublished={published !== undefined} />
        </Section>
        <Section title="Inputs" description="What callers may give. Everything else stays as it is.">
          <div className="flex flex-col gap-4">
            <ValuePicker candidates={read.reading.inputs} marked={draft.inputs} change={change} />
            <MarkedInputs inputs={draft.inputs} change={change} faults={faults} />
          </div>
        </Section>
        <Section title="Outputs" description="What comes back. Mark at least one node.">
          <OutputFields
            candidates={read.reading.outputs}
            outputs={draft.outputs}
            change={change}
            faults={faults}
          />
        </Section>
        {draft.sources.length > 0 && (
          <Section
            title="Model files"
            description="A caller’s machine that lacks one downloads it from here, with the caller’s own tokens."
          >
            <SourceFields sources={draft.sources} change={change} faults={faults} />
          </Section>
        )}
      </div>
      <Section title="What callers see" className="lg:sticky lg:top-6 lg:row-span-2">
        <FormPreview title={draft.title} inputs={draft.inputs} />
      </Section>
      <div className="flex min-w-0 flex-col gap-4">
        {faults.general.length > 0 && (
          <div tabIndex={-1} data-fault className="rounded-md">
            <Alert tone="danger">
              {faults.general.map((message) => (
                <p key={message}>{message}</p>
              ))}
            </Alert>
          </div>
        )}
        {answer?.published && answer.published.version === published?.version && (
          <Outcome key={answer.published.version} tone="success">
            {answer.published.version === sent.current.version
              ? `Nothing has changed since version ${answer.published.version}, so no new one was made.`
              : `Version ${answer.published.version} is published, and is in use from now on.`}
          </Outcome>
        )}
        <Button
          variant="primary"
          disabled={fetcher.state !== 'idle'}
          onClick={publish}
          className="self-start"
        >
          {published ? 'Publish the next version' : 'Publish'}
        </Button>
      </div>
    </div>
  )
}
