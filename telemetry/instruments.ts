import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/**
 * Makes the instruments of one process. Every label has to come from a fixed set: what people choose or send, such
 * as names, ids and paths, would grow without end, and tell strangers of them.
 */
export function instruments() {
  const registry = new Registry()
  const common = { registers: [registry] }
  return {
    registry,
    counter: <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
      new Counter<Label>({ ...common, name, help, labelNames }),

    histogram: <Label extends string = never>(
      name: string,
      help: string,
      buckets: number[],
      labelNames: readonly Label[] = [],
    ) => new Histogram<Label>({ ...common, name, help, buckets, labelNames }),

    /** @param read called for each scrape; sets what is there then */
    gauge: <Label extends string = never>(
      name: string,
      help: string,
      labelNames: readonly Label[] = [],
      read?: (gauge: Gauge<Label>) => void | Promise<void>,
    ) =>
      new Gauge<Label>({
        ...common,
        name,
        help,
        labelNames,
        ...(read && {
          collect() {
            return read(this)
          },
        }),
      }),
  }
}

export type Instruments = ReturnType<typeof instruments>
