import { scrub } from '../../scrub'

/** The shapes of tokens of Slipway, Hugging Face and Civitai; see docs/api-tokens.md and providers/. */
const TOKENS =
  /(?:\b|(?<=%[0-9A-Fa-f]{2}))(?:slipway_(?:api|cli)_[0-9A-Za-z]{4}|hf_\w{4}|[0-9a-f]{4}(?=[0-9a-f]{28}\b))\w*/g

/**
 * For everything that is written besides payload: a token that got where it shouldn't be is cut to its start.
 * @param secrets what is known by value, and taken out however it is written
 */
export const withoutTokens = (text: string, secrets: readonly string[] = []): string =>
  scrub(text, secrets).replace(TOKENS, (token) => `${token.slice(0, 6)}…`)
