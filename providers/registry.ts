/**
 * Who issues the third-party tokens that Slipway keeps. A further provider is one more entry here.
 * Prefixes and variable names: what the issuers' own libraries and the images in the field read.
 */
interface Provider {
  label: string
  /** Where a person makes a token. */
  tokenPage: string
  /** What a value may begin with; none when the issuer promises no prefix. */
  prefixes: readonly string[]
  /** What an input shows while it is empty. */
  placeholder: string
  /** Variables that get the value, by kind of machine. No variable: that kind never sees the token. */
  variables: { readonly [kind in MachineKind]: readonly string[] }
}

export const MACHINE_KINDS = ['comfyui', 'trainer'] as const
export type MachineKind = (typeof MACHINE_KINDS)[number]
/** What people call a kind of machine. */
export const KIND_LABELS: Record<MachineKind, string> = { comfyui: 'ComfyUI', trainer: 'Trainer' }

const HUGGINGFACE_VARIABLES = ['HUGGINGFACE_TOKENS', 'HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'] as const

export const PROVIDERS = {
  huggingface: {
    label: 'Hugging Face',
    tokenPage: 'https://huggingface.co/settings/tokens',
    prefixes: ['hf_', 'api_org_'],
    placeholder: 'hf_…',
    variables: { comfyui: HUGGINGFACE_VARIABLES, trainer: HUGGINGFACE_VARIABLES },
  },
  civitai: {
    label: 'Civitai',
    tokenPage: 'https://civitai.com/user/account',
    prefixes: [],
    placeholder: 'Your Civitai API key',
    variables: { comfyui: ['CIVITAI_TOKENS', 'CIVITAI_TOKEN', 'CIVITAI_API_TOKEN'], trainer: [] },
  },
} as const satisfies Record<string, Provider>

export type ProviderId = keyof typeof PROVIDERS
export const PROVIDER_IDS = Object.keys(PROVIDERS) as [ProviderId, ...ProviderId[]]

/** Whose tokens a kind of machine gets. */
export const providersOf = (kind: MachineKind): ProviderId[] =>
  PROVIDER_IDS.filter((provider) => PROVIDERS[provider].variables[kind].length > 0)
