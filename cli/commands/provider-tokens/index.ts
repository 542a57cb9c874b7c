import { type AddCommand, examples } from '../../command'
import { YES } from '../../confirm'
import { check } from './check'
import { clear } from './clear'
import { list } from './list'
import { type SetOptions, set } from './set'

export const addProviderTokens: AddCommand = (program, run) => {
  const tokens = program
    .command('provider-tokens')
    .description('The Hugging Face and Civitai tokens that your machines are launched with.')
    .addHelpText(
      'after',
      examples('runcomfy provider-tokens ls', 'runcomfy provider-tokens set huggingface < token.txt'),
    )

  tokens
    .command('ls')
    .alias('list')
    .description('List them: masked, with what their issuers say, and which machines hold an older value.')
    .addHelpText(
      'after',
      examples('runcomfy provider-tokens ls', 'runcomfy provider-tokens ls --output json'),
    )
    .action(() => run(list))

  tokens
    .command('set')
    .description(
      'Save a token. It is asked for at a hidden prompt, or read from stdin; never given as an argument.',
    )
    .argument('<provider>', PROVIDER)
    .option('--anyway', 'save it although its issuer refuses it')
    .option('--relaunch', 'relaunch the machines that hold another value')
    // A token may be among them, which commander would repeat.
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText(
      'after',
      examples(
        'runcomfy provider-tokens set huggingface',
        'runcomfy provider-tokens set huggingface < token.txt',
        'pass show civitai | runcomfy provider-tokens set civitai --relaunch',
      ),
    )
    .action((provider: string, options: SetOptions, { args }: { args: string[] }) =>
      run((cli) => set(cli, [provider, ...args.slice(1)], options)),
    )

  tokens
    .command('clear')
    .alias('delete')
    .description('Forget a token. Machines that run keep their copy until they end.')
    .argument('<provider>', PROVIDER)
    .option(...YES)
    .addHelpText(
      'after',
      examples('runcomfy provider-tokens clear civitai', 'runcomfy provider-tokens clear hf -y'),
    )
    .action((provider: string, { yes }: { yes?: boolean }) => run((cli) => clear(cli, provider, yes)))

  tokens
    .command('check')
    .description(
      'Have the issuer asked about the saved token. Exit code 0 when it is good, 77 when it is refused, 75 when nobody knows.',
    )
    .argument('<provider>', PROVIDER)
    .option('--model <model>', 'whether it opens this model: an address, or owner/name')
    .addHelpText(
      'after',
      examples(
        'runcomfy provider-tokens check huggingface',
        'runcomfy provider-tokens check hf --model black-forest-labs/FLUX.1-dev',
      ),
    )
    .action((provider: string, { model }: { model?: string }) => run((cli) => check(cli, provider, model)))
}

const PROVIDER = 'huggingface (or hf) or civitai'
