import type { Issuer, IssuerContext, ModelFile } from '~/providers/models/issuer'
import { issuerOf } from '~/providers/models/issuers'
import type { ModelSource } from '~/providers/models/source'
import { SESSION_VOICE } from '~/providers/models/voice'
import { PROVIDERS } from '~/providers/registry'
import { Refusal } from '../refusal'
import type { TransferDeps } from './contract'

/** How a source is asked, with or without the token. */
export interface Asking {
  source: ModelSource
  issuer: Issuer<ModelSource>
  context: IssuerContext
}

const WANTS_A_TOKEN = ['token_missing', 'terms_not_accepted', 'not_found_or_private']

/** Asks about one source. A token that is refused is left out once and for all if it goes without. */
export class Asker {
  readonly #issuer: Issuer<ModelSource>
  readonly #context: IssuerContext
  /** Why the token was left out. */
  #refused: Refusal | undefined
  #told = false

  constructor(
    private readonly source: ModelSource,
    { network, tokens }: TransferDeps,
    private readonly onNotice: (sentence: string) => void,
    signal: AbortSignal,
  ) {
    this.#issuer = issuerOf(source)
    this.#context = {
      network,
      token: source.provider ? tokens[source.provider] : undefined,
      voice: SESSION_VOICE,
      signal,
    }
  }

  /** @throws Refusal that says why the file can't be had */
  inspect(): Promise<ModelFile> {
    return this.#ask(({ issuer, source, context }) => issuer.inspect(source, context))
  }

  /** @param begin begins to fetch the file's bytes */
  async open<T>(begin: (asking: Asking) => Promise<T>): Promise<T> {
    const opened = await this.#ask(begin)
    if (this.#refused && !this.#told) this.onNotice(leftOut(this.source))
    this.#told = this.#refused !== undefined
    return opened
  }

  async #ask<T>(question: (asking: Asking) => Promise<T>): Promise<T> {
    const asking = { source: this.source, issuer: this.#issuer, context: this.#context }
    try {
      return await question(asking)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      // The description was public, the file is not.
      if (this.#refused) throw WANTS_A_TOKEN.includes(error.code) ? this.#refused : error
      if (error.code !== 'token_refused') throw error
      const answer = await question({ ...asking, context: { ...this.#context, token: undefined } }).catch(
        (second) => {
          throw second instanceof Refusal && second.transient ? second : error
        },
      )
      this.#refused = error
      this.#context.token = undefined
      return answer
    }
  }
}

const leftOut = ({ provider }: ModelSource) =>
  `${provider && PROVIDERS[provider].label} refused this session’s token; the file is public and is fetched without it. ${SESSION_VOICE.replaceIt}`
