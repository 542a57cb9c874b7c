import type { PreviewView } from '../../contract'
import { visibleName } from './visible-name'

const count = new Intl.NumberFormat('en')
const rough = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

type Safetensors = Extract<PreviewView, { kind: 'safetensors' }>

/** What the head of a safetensors file says, which is there without reading the weights. */
export function SafetensorsFacts({ view }: { view: Safetensors }) {
  const metadata = Object.entries(view.metadata)
  return (
    <div className="space-y-5 p-4">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1.5">
        <Fact
          name="Parameters"
          value={`${rough.format(view.parameters)} (${count.format(view.parameters)})`}
        />
        <Fact name="Tensors" value={count.format(view.tensors)} />
        <Fact name="Precision" value={view.dtypes.join(', ')} />
      </dl>
      <section aria-label="Metadata">
        <h3 className="mb-1.5 font-semibold">Metadata</h3>
        {metadata.length === 0 && <p className="text-muted">The file has none.</p>}
        <dl className="space-y-2">
          {metadata.map(([name, value]) => (
            <div key={name}>
              <dt className="text-xs text-muted wrap-anywhere">{visibleName(name)}</dt>
              <dd className="max-h-40 overflow-auto font-mono text-xs whitespace-pre-wrap wrap-anywhere">
                {value}
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </div>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="tabular-nums">{value}</dd>
    </>
  )
}
